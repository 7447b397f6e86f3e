using SqueezeBert.Checkpoints;
using SqueezeBert.Gradients.Losses;
using SqueezeBert.Gradients.Losses.Distillation;
using SqueezeBert.Gradients.Objectives;
using SqueezeBert.Gradients.Sessions;
using SqueezeBert.Graphs;
using SqueezeBert.Training.Data;
using SqueezeBert.Training.Distillation;
using SqueezeBert.Training.TeacherCaches;

namespace SqueezeBert.Training.Tasks;

/// <summary>The losses of a student against its teacher, which runs on the same batches.</summary>
internal sealed class DistillationLearning : StageLearning
{
    private readonly GradientSession _session;
    private readonly TeacherEncoder? _teacher;
    private readonly TeacherCache? _cache;
    private readonly ITargetRows _vectors;
    private readonly DistillationLosses _losses;
    private readonly List<LossTerm> _terms = [];
    private readonly List<LossTerm> _layerTerms = [];
    private readonly SimilarityPairs? _similarity;
    private readonly AttentionTerms? _attentions;

    /// <exception cref="InvalidModelFileException">The teacher cannot be read.</exception>
    public DistillationLearning(StageInput input, StageData data, ModelConfiguration configuration, GradientSession session)
    {
        _session = session;
        _losses = DistillationTask.LossesOf(input.Stage);
        _similarity = input.Stage.Similarity is { } source ? new SimilarityPairs(input, source) : null;
        if (input.Stage.TeacherCache is { } folder)
        {
            _vectors = _cache = new TeacherCache(
                folder, input.Stage.Teacher!, CacheKind.Vectors, [data.Train, data.HeldOut], session.Pool);
            Add(_losses.Cosine, StudentGraph.Vector, new CosineDistance(), _vectors);
            AddSimilarities();
            return;
        }

        _teacher = new TeacherEncoder(
            input.Stage.Teacher!,
            layers =>
            [
                OutputNames.LastHiddenState, .. Pairs(layers).Select(pair => OutputNames.HiddenState(pair.Teacher)).Distinct(),
                .. AttentionInputs.Of(AttentionPairs(layers).Select(pair => pair.Teacher)),
            ],
            session.Pool);
        var pairs = Pairs(_teacher.LayerCount);
        var teacher = _teacher.Outputs;
        _vectors = teacher.MeanVectors;
        Add(_losses.Cosine, StudentGraph.Vector, new CosineDistance(), _vectors);
        Add(_losses.HiddenStates, OutputNames.LastHiddenState, new HiddenStateError(), teacher.Output(OutputNames.LastHiddenState));
        AddSimilarities();
        if (_losses.Attentions > 0)
        {
            _attentions = new AttentionTerms(
                session, configuration.HeadCount, AttentionPairs(_teacher.LayerCount), _losses.Attentions, teacher.Output);
            _terms.AddRange(_attentions.Terms);
        }

        foreach (var (ours, theirs) in pairs) _layerTerms.Add(new LossTerm(
            OutputNames.HiddenState(ours), new HiddenStateError(), _losses.Layers / pairs.Count,
            teacher.Output(OutputNames.HiddenState(theirs))));

        IReadOnlyList<(int Student, int Teacher)> Pairs(int layers) => _losses.PairsFor(configuration.LayerCount, layers);

        IReadOnlyList<(int Student, int Teacher)> AttentionPairs(int layers) =>
            _losses.AttentionPairsFor(configuration.LayerCount, layers);

        void AddSimilarities()
        {
            if (_losses.Similarities > 0) Add(_losses.Similarities, StudentGraph.Vector,
                new SimilarityDivergence(_losses.Temperature, _losses.SimilarityTexts), _vectors);
        }

        void Add(double weight, string output, Loss loss, ITargetRows rows)
        {
            if (weight > 0) _terms.Add(new LossTerm(output, loss, weight, rows));
        }
    }

    public override ExampleWriter Writer { get; } = new TextExampleWriter();

    public override IReadOnlyList<LossTerm> Terms => [.. _terms, .. _layerTerms];

    public override bool MeasuresStart => true;

    public override void BeginStep(double fraction)
    {
        var weight = fraction < _losses.LayersUntil ? _losses.Layers / Math.Max(1, _layerTerms.Count) : 0;
        foreach (var term in _layerTerms) term.Weight = weight;
    }

    public override void Begin(Action<string> tell, CancellationToken cancellationToken) => _cache?.Open(tell, cancellationToken);

    public override void Prepare(MicroBatch batch)
    {
        _cache?.Prepare(batch);
        _teacher?.Outputs.Run(batch.Batch);
        _attentions?.Prepare(batch.Batch);
    }

    // Layers in between are left out: their part of the loss ends in mid-stage, and figures before and after are to be compared.
    public override HeldOutFigures CreateFigures() => new DistillationFigures(_session, _vectors, _terms, _similarity);

    public override void Dispose()
    {
        _teacher?.Dispose();
        _cache?.Dispose();
    }
}
