using SqueezeBert.Checkpoints;
using SqueezeBert.Gradients.Losses.Distillation;
using SqueezeBert.Gradients.Objectives;
using SqueezeBert.Gradients.Sessions;
using SqueezeBert.Graphs;
using SqueezeBert.Training.Data;
using SqueezeBert.Training.Distillation;

namespace SqueezeBert.Training.Tasks;

/// <summary>
/// A classifier that learns from the logits of teachers beside its labels; texts without a label have the teachers'. It is evaluated as one
/// that has learnt without them.
/// </summary>
internal sealed class SoftLabelLearning : StageLearning
{
    private readonly SoftLabelTask _task;
    private readonly StageRecipe _stage;
    private readonly StageData _data;
    private readonly GradientSession _session;
    private readonly GradientOutput _logits;
    private readonly ITeacherLogits _teachers;
    private readonly List<LossTerm> _terms = [];
    private readonly AttentionTerms? _attentions;

    /// <exception cref="RecipeException">A teacher has other labels.</exception>
    /// <exception cref="InvalidModelFileException">A teacher cannot be read.</exception>
    public SoftLabelLearning(
        SoftLabelTask task, StageInput input, StageData data, ModelConfiguration configuration, GradientSession session)
    {
        (_task, _stage, _data, _session) = (task, input.Stage, data, session);
        var soft = _stage.SoftLabels ?? new SoftLabels();
        try
        {
            _teachers = _stage.TeacherCache is { } folder
                ? new CachedClassifiers(folder, _stage.AllTeachers, data.Labels, data.Train, session.Pool)
                : new TeacherClassifiers(
                    _stage.AllTeachers, data.Labels,
                    layers => [.. OutputsOf(Pairs(layers).Select(pair => pair.Teacher).ToList())], session.Pool);
        }
        catch (ArgumentException e)
        {
            throw new RecipeException(input.RecipeFile, "teacher", e.Message, e);
        }

        var output = _stage.OutputPrefix + OutputNames.Logits;
        _logits = session.Output(output);
        Writer = task.CreateWriter(input, _logits.Width);
        _terms.Add(new LossTerm(output, task.CreateSoftLoss(soft), 1, _teachers));
        if (_teachers is not TeacherClassifiers first) return;
        var pairs = Pairs(first.LayerCount);
        if (soft.Attentions > 0)
        {
            _attentions = new AttentionTerms(session, configuration.HeadCount, pairs, soft.Attentions, first.Output);
            _terms.AddRange(_attentions.Terms);
        }

        if (soft.HiddenStates == 0) return;
        foreach (var (ours, theirs) in pairs) _terms.Add(new LossTerm(
            OutputNames.HiddenState(ours), new HiddenStateError(), soft.HiddenStates / pairs.Count,
            first.Output(OutputNames.HiddenState(theirs))));

        IEnumerable<string> OutputsOf(IReadOnlyList<int> layers) =>
            (soft.HiddenStates > 0 ? layers.Distinct().Select(OutputNames.HiddenState) : [])
            .Concat(soft.Attentions > 0 ? AttentionInputs.Of(layers) : []);

        IReadOnlyList<(int Student, int Teacher)> Pairs(int layers) => soft.PairsFor(configuration.LayerCount, layers);
    }

    public override ExampleWriter Writer { get; }

    public override IReadOnlyList<LossTerm> Terms => _terms;

    public override void Begin(Action<string> tell, CancellationToken cancellationToken) => _teachers.Open(tell, cancellationToken);

    public override void Prepare(MicroBatch batch)
    {
        _teachers.Prepare(batch);
        _attentions?.Prepare(batch.Batch);
    }

    // Held-out texts have labels, which are what counts.
    public override void PrepareEvaluation(MicroBatch batch)
    {
    }

    public override HeldOutFigures CreateFigures() => _task.CreateFigures(
        _stage, _data, _task.CreateLoss(_stage), _logits, _session.Pool);

    public override void Dispose() => _teachers.Dispose();
}
