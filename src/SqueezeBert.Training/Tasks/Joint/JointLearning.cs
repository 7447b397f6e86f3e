using SqueezeBert.Gradients.Objectives;
using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Tasks.Joint;

/// <summary>How each head of a stage learns, on one session: a batch is of one head's data, and only that head's losses read it.</summary>
internal sealed class JointLearning : StageLearning
{
    private readonly IReadOnlyList<HeadRecipe> _heads;
    private readonly StageLearning[] _parts;
    private readonly JointData _data;

    /// <param name="heads">The heads.</param>
    /// <param name="parts">As many, in their order; disposed with this.</param>
    /// <param name="data">What was read.</param>
    public JointLearning(IReadOnlyList<HeadRecipe> heads, IEnumerable<StageLearning> parts, JointData data)
    {
        _heads = heads;
        _parts = [.. parts];
        _data = data;
        Writer = new JointWriter([.. _parts.Select(part => part.Writer)]);
        for (var i = 0; i < _parts.Length; i++)
        {
            foreach (var term in _parts[i].Terms)
            {
                term.Part = i;
                term.Weight *= heads[i].Weight;
            }
        }

        Terms = [.. _parts.SelectMany(part => part.Terms)];
    }

    public override ExampleWriter Writer { get; }

    public override IReadOnlyList<LossTerm> Terms { get; }

    public override void Begin(Action<string> tell, CancellationToken cancellationToken)
    {
        foreach (var part in _parts) part.Begin(tell, cancellationToken);
    }

    public override void BeginStep(double fraction)
    {
        foreach (var part in _parts) part.BeginStep(fraction);
    }

    // What another head's teacher says is not compared with this batch.
    public override void Prepare(MicroBatch batch) => _parts[batch.Labels.Part].Prepare(batch);

    public override void PrepareEvaluation(MicroBatch batch) => _parts[batch.Labels.Part].PrepareEvaluation(batch);

    public override HeldOutFigures CreateFigures() => new Figures(_heads, [.. _parts.Select(part => part.CreateFigures())], _data);

    public override void Dispose()
    {
        foreach (var part in _parts) part.Dispose();
    }

    private sealed class JointWriter(ExampleWriter[] writers) : ExampleWriter
    {
        public override void Add(MicroBatch target, ExampleSet set, Example example, ulong key)
        {
            var part = set.PartOf(example);
            var own = ((JointSet)set).SetOf(example, out var ownExample);
            writers[part].Add(target, own, ownExample, key);
            target.Labels.Part = part;
        }
    }

    private sealed class Figures(IReadOnlyList<HeadRecipe> heads, HeldOutFigures[] parts, JointData data) : HeldOutFigures
    {
        private readonly bool[] _hasExamples = new bool[parts.Length];
        private int[] _own = [];

        public override void Add(MicroBatch batch, ReadOnlySpan<int> examples)
        {
            var part = batch.Labels.Part;
            if (_own.Length < examples.Length) _own = new int[2 * examples.Length];
            var first = ((JointSet)data.HeldOut).FirstOf(part);
            for (var i = 0; i < examples.Length; i++) _own[i] = examples[i] - first;
            _hasExamples[part] = true;
            parts[part].Add(batch, _own.AsSpan(0, examples.Length));
        }

        public override EvaluationSummary Summary(CancellationToken cancellationToken)
        {
            var summaries = new List<(string, EvaluationSummary, double, double)>();
            for (var i = 0; i < parts.Length; i++)
            {
                if (!_hasExamples[i]) continue;
                var summary = parts[i].Summary(cancellationToken);

                // A head of whose text no token was masked has nothing to say of the weights; the others have.
                if (summary.Examples == 0) continue;
                summaries.Add((heads[i].Name, summary, heads[i].Task.Score(summary), heads[i].Weight));
            }

            return HeadSummaries.Join(summaries);
        }
    }
}
