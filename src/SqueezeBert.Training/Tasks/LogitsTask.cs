using SqueezeBert.Checkpoints;
using SqueezeBert.Gradients.Losses;
using SqueezeBert.Gradients.Objectives;
using SqueezeBert.Gradients.Sessions;
using SqueezeBert.Graphs;
using SqueezeBert.Threading;
using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Tasks;

/// <summary>A task with one loss, on the logits of a head.</summary>
internal abstract class LogitsTask(string name) : TrainingTask(name)
{
    /// <summary>What is made small.</summary>
    internal abstract Loss CreateLoss(StageRecipe stage);

    /// <summary>Puts examples into batches.</summary>
    /// <param name="input">The stage.</param>
    /// <param name="outputs">Width of the logits.</param>
    internal abstract ExampleWriter CreateWriter(StageInput input, int outputs);

    /// <summary>Counts an evaluation.</summary>
    internal abstract HeldOutFigures CreateFigures(
        StageRecipe stage, StageData data, Loss loss, GradientOutput logits, WorkerPool pool);

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
            _logits = session.Output(OutputNames.Logits);
            Writer = task.CreateWriter(input, _logits.Width);
            Terms = [new LossTerm(OutputNames.Logits, task.CreateLoss(_stage))];
        }

        public override ExampleWriter Writer { get; }

        public override IReadOnlyList<LossTerm> Terms { get; }

        public override HeldOutFigures CreateFigures() =>
            _task.CreateFigures(_stage, _data, Terms[0].Loss, _logits, _session.Pool);
    }
}
