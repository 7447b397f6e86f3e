using SqueezeBert.Checkpoints;
using SqueezeBert.Gradients.Batches;
using SqueezeBert.Gradients.Memory;
using SqueezeBert.Gradients.Plans;
using SqueezeBert.Gradients.Sessions;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Inference;
using SqueezeBert.Tests;
using SqueezeBert.Threading;

namespace SqueezeBert.Gradients.Tests;

/// <summary>A head that reads the n-grams of words: the same bits for any number of threads, in training and in inference.</summary>
public sealed class NgramBitsTests
{
    private static readonly ModelConfiguration Configuration = new BertConfiguration
    {
        VocabularySize = 12,
        HiddenSize = 16,
        HeadCount = 2,
        LayerCount = 1,
        IntermediateSize = 24,
        MaxPositionEmbeddings = 40,
        Labels = ["O", "B", "I"],
        HashedNgrams = new() { Buckets = 90, Dimensions = 70 },
    }.WithPieces(NgramVocabulary.Pieces);

    [Fact]
    public void ThreadsDoNotChangeGradients()
    {
        var (logits, expected) = Train(1, new DropoutKey(5, 1, 0));
        Assert.Contains(expected, element => element != 0);
        foreach (var threads in (int[])[1, 2, 3])
        {
            var (again, gradients) = Train(threads, new DropoutKey(5, 1, 0));
            Assert.Equal(logits, again);
            Assert.True(expected.AsSpan().SequenceEqual(gradients), $"gradients differ with {threads} threads");
        }
    }

    [Fact]
    public void InferenceGivesTheLogitsOfTraining()
    {
        using var model = new Engine(
            Configuration, ModelGraph.Create(Configuration, ModelHead.TokenClassification), new FormulaParameters());
        using var session = model.CreateSession(OutputNames.Logits);
        session.Run(Batch());
        Assert.Equal(Train(2, null).Logits, session.GetOutput(OutputNames.Logits).ToArray(), (x, y) => Math.Abs(x - y) < 1e-5);
    }

    /// <summary>The two have different ways through an attention, but one through the n-grams.</summary>
    [Fact]
    public unsafe void TheVectorsOfWordsHaveTheBitsOfTraining()
    {
        var g = new GraphBuilder();
        g.Output("y", g.Ngrams("words", Configuration.HashedNgrams!, NgramVocabulary.Pieces));
        var graph = g.Build(ModelHead.None);
        using var store = new ParameterStore(graph.Parameters);
        new FormulaParameters().Read(graph.Parameters[0], store.ValueSpan(graph.Parameters[0]));
        using var pool = new WorkerPool(2);
        using var training = new GradientSession(graph, [new OutputRequest("y")], store, pool);
        training.Forward(Batch(), null);
        using var model = new Engine(Configuration, graph, new FormulaParameters());
        using var session = model.CreateSession("y");
        session.Run(Batch());
        var rows = training.Output("y").Rows;
        Assert.Equal(new ReadOnlySpan<float>(rows.Data, rows.Count * 70).ToArray(), session.GetOutput("y").ToArray());
    }

    [Fact]
    public void AWarmStepAllocatesNoMoreThanWithoutThem()
    {
        var (with, without) = (Allocated(Configuration), Allocated(Configuration with { HashedNgrams = null }));
        Assert.True(with <= without, $"{with} bytes, {without} without");
    }

    private static unsafe (float[] Logits, float[] Gradients) Train(int threads, DropoutKey? dropout)
    {
        using var pool = new WorkerPool(threads);
        var (session, store) = Make(Configuration, pool);
        using (store)
        using (session)
        {
            session.ClearGradients();
            session.Forward(Batch(), dropout);
            var output = session.Output(OutputNames.Logits);
            var logits = new ReadOnlySpan<float>(output.Rows.Data, output.Rows.Count * output.Width).ToArray();
            output.AddGradient([.. Enumerable.Range(0, logits.Length).Select(i => MathF.Sin(i))]);
            session.Backward();
            return (logits, [.. store.Parameters.SelectMany(parameter => store.GradientSpan(parameter).ToArray())]);
        }
    }

    private static long Allocated(ModelConfiguration configuration)
    {
        using var pool = new WorkerPool(1);
        var (session, store) = Make(configuration, pool);
        using (store)
        using (session)
        {
            var batch = Batch();
            var gradient = new float[batch.TokenCount * 3];
            Step();
            return Allocations.Least(() =>
            {
                for (var i = 0; i < 20; i++) Step();
            });

            void Step()
            {
                session.Forward(batch, null);
                session.Output(OutputNames.Logits).AddGradient(gradient);
                session.Backward();
            }
        }
    }

    private static (GradientSession Session, ParameterStore Store) Make(ModelConfiguration configuration, WorkerPool pool)
    {
        var graph = ModelGraph.Create(configuration, ModelHead.TokenClassification);
        var store = new ParameterStore(graph.Parameters);
        foreach (var parameter in graph.Parameters) new FormulaParameters().Read(parameter, store.ValueSpan(parameter));
        var session = new GradientSession(graph, [new OutputRequest(OutputNames.Logits)], store, pool);
        session.PackWeights();
        return (session, store);
    }

    private static PackedBatch Batch()
    {
        var batch = new PackedBatch();
        for (var text = 0; text < 9; text++)
            batch.Add([2, .. Enumerable.Range(0, 3 + (2 * text)).Select(i => 4 + ((i * (text + 3)) % 8)), 3]);
        return batch;
    }
}
