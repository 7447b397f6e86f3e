using SqueezeBert.Gradients.Losses;
using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Distillation;

/// <summary>The mean of the logits of several teachers for each text, in the order of the student's labels.</summary>
internal interface ITeacherLogits : ITargetRows, IDisposable
{
    /// <summary>Does time-consuming work before the first batch.</summary>
    void Open(Action<string> tell, CancellationToken cancellationToken);

    /// <summary>Computes the rows of a batch, which are valid until the next call.</summary>
    void Prepare(MicroBatch examples);
}
