using SqueezeBert.Training;

namespace SqueezeBert.Cli.Training;

/// <summary>Shows how a training goes while it runs.</summary>
internal interface ITrainingDisplay
{
    /// <summary>Runs a training and returns its result; what it throws goes through.</summary>
    T Show<T>(Func<IProgress<TrainingProgress>, T> train);
}
