using SqueezeBert.Checkpoints;
using SqueezeBert.Gradients.Losses;
using SqueezeBert.Gradients.Objectives;
using SqueezeBert.Gradients.Sessions;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Threading;
using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Tasks;

/// <summary>A task with one loss, on the logits of a head.</summary>
internal abstract class LogitsTask(string name) : TrainingTask(name)
{
    internal override bool CanPrune => true;

    /// <summary>Creates the loss that is minimized.</summary>
    internal abstract Loss CreateLoss(StageRecipe stage);

    /// <summary>Puts examples into batches.</summary>
    /// <param name="input">The stage.</param>
    /// <param name="outputs">Width of the logits.</param>
    internal abstract ExampleWriter CreateWriter(StageInput input, int outputs);

    /// <summary>Counts an evaluation.</summary>
    internal abstract HeldOutFigures CreateFigures(
        StageRecipe stage, StageData data, Loss loss, GradientOutput logits, WorkerPool pool);

    internal override IReadOnlyList<string> HeadNames(StageRecipe stage) =>
        stage.HeadName is { } name && NamedHeads.TaskOf(Head) is not null ? [name] : [];

    internal override IReadOnlyList<HeadConfiguration> HeadsOf(StageRecipe stage, ModelConfiguration start, StageData data)
    {
        if (stage.HeadName is not { } name || NamedHeads.TaskOf(Head) is not { } task) return [];
        var configuration = Configure(start, data.Labels);
        return [new HeadConfiguration(name, task)
        {
            Labels = task is HeadTask.TextClassification or HeadTask.TokenClassification ? configuration.Labels : [],
            ProblemType = task == HeadTask.TextClassification ? configuration.ProblemType : null,
            HashedNgrams = task == HeadTask.TokenClassification ? HeadNgrams.Of(stage, start, name) : null,
        }];
    }

    internal override StageLearning CreateLearning(
        StageInput input, StageData data, ModelConfiguration configuration, GradientSession session) =>
        new LogitsLearning(this, input, data, session);

    private sealed class LogitsLearning : StageLearning
    {
        private readonly LogitsTask _task;
        private readonly StageRecipe _stage;
        private readonly StageData _data;
        private readonly GradientSession _session;
        private readonly GradientOutput _logits;

        public LogitsLearning(LogitsTask task, StageInput input, StageData data, GradientSession session)
        {
            _task = task;
            _stage = input.Stage;
            _data = data;
            _session = session;
            var output = _stage.OutputPrefix + OutputNames.Logits;
            _logits = session.Output(output);
            Writer = task.CreateWriter(input, _logits.Width);
            Terms = [new LossTerm(output, task.CreateLoss(_stage))];
        }

        public override ExampleWriter Writer { get; }

        public override IReadOnlyList<LossTerm> Terms { get; }

        public override HeldOutFigures CreateFigures() =>
            _task.CreateFigures(_stage, _data, Terms[0].Loss, _logits, _session.Pool);
    }
}
