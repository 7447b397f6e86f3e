using SqueezeBert.Gradients.Batches;
using SqueezeBert.Gradients.Losses;
using SqueezeBert.Gradients.Memory;
using SqueezeBert.Gradients.Objectives;
using SqueezeBert.Gradients.Plans;
using SqueezeBert.Gradients.Sessions;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Inference;
using SqueezeBert.Threading;
using SqueezeBert.Training;
using SqueezeBert.Training.Optimization;

namespace SqueezeBert.Benchmarks;

/// <summary>A model with its optimizer and one batch.</summary>
internal sealed class TrainingStep : IDisposable
{
    private readonly WorkerPool _pool;
    private readonly AdamW _optimizer;
    private readonly LabelBatch _labels = new();
    private readonly Objective _objective;
    private long _steps;

    public TrainingStep(TrainingShape shape, int threads)
    {
        Shape = shape;
        _pool = new WorkerPool(threads);
        Graph = ModelGraph.Create(shape.Configuration, ModelHead.SequenceClassification);
        Parameters = new ParameterStore(Graph.Parameters);
        var values = new FormulaParameters();
        foreach (var parameter in Graph.Parameters) values.Read(parameter, Parameters.ValueSpan(parameter));
        Training = new GradientSession(Graph, [new OutputRequest(OutputNames.Logits, IsOverwritten: true)], Parameters, _pool);
        _objective = new Objective(Training, new LossTerm(OutputNames.Logits, new SoftmaxCrossEntropy()));
        Training.PackWeights();
        _optimizer = new AdamW(Parameters, new AdamWOptions(), _pool);
        var random = new Random(1);
        for (var text = 0; text < shape.Texts; text++)
        {
            Batch.Add([.. Enumerable.Range(0, shape.Length).Select(_ => random.Next(1, shape.Configuration.VocabularySize))]);
            _labels.AddClass(random.Next(2));
        }
    }

    public TrainingShape Shape { get; }

    public Graph Graph { get; }

    public ParameterStore Parameters { get; }

    public GradientSession Training { get; }

    public PackedBatch Batch { get; } = new();

    /// <summary>Of the products of a step: forward, and twice as many backward.</summary>
    public long Flops => 3 * DemandedNodes.For(Graph, [OutputNames.Logits]).Nodes.Sum(node => ForwardFlops(node, Batch));

    public static long ForwardFlops(Node node, PackedBatch batch)
    {
        long rows = node.Rows == RowSet.Tokens ? batch.TokenCount : batch.TextCount;
        return node switch
        {
            LinearNode linear => 2 * rows * linear.Weight.Rows * linear.Weight.Columns,
            AttentionNode attention => 4 * rows * (batch.TokenCount / batch.TextCount) * attention.Width,
            _ => 0,
        };
    }

    public void Run()
    {
        Training.ClearGradients();
        _objective.Begin();
        _objective.Count(Batch, _labels);
        Training.Forward(Batch, new DropoutKey(1, _steps++, 0));
        _objective.AddGradients(_labels);
        Training.Backward();
        _optimizer.Step(5e-5, maxNorm: 1);
        Training.PackTrainableWeights();
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        Training.Dispose();
        Parameters.Dispose();
        _pool.Dispose();
    }
}
