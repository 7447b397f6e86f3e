using SqueezeBert.Checkpoints;
using SqueezeBert.Gradients.Batches;
using SqueezeBert.Gradients.Losses.Distillation;
using SqueezeBert.Gradients.Memory;
using SqueezeBert.Gradients.Objectives;
using SqueezeBert.Gradients.Sessions;
using SqueezeBert.Gradients.Teachers;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Architectures;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Inference;
using SqueezeBert.Pipelines.Embedding;
using SqueezeBert.Tests;
using SqueezeBert.Threading;
using SqueezeBert.Training;
using SqueezeBert.Training.Optimization;

namespace SqueezeBert.Gradients.Tests;

/// <summary>A student learns from a teacher's vectors and hidden states, all losses at once.</summary>
public sealed class DistillationTests
{
    private const string Pooled = "pooled";

    private static readonly BertConfiguration TeacherConfiguration = new()
    {
        VocabularySize = 40,
        HiddenSize = 16,
        LayerCount = 4,
        HeadCount = 2,
        IntermediateSize = 32,
        MaxPositionEmbeddings = 16,
    };

    private static readonly SqueezeBertConfiguration StudentConfiguration = new()
    {
        VocabularySize = 40,
        HiddenSize = 16,
        EmbeddingSize = 16,
        LayerCount = 2,
        HeadCount = 2,
        IntermediateSize = 32,
        MaxPositionEmbeddings = 16,
        HiddenDropout = 0.1,
    };

    [Fact]
    public void TheLossFalls()
    {
        using var run = new Run(1);
        var first = run.Step(0);
        for (var step = 1; step < 150; step++) run.Step(step);
        Assert.InRange(run.Step(150), 0, first / 2);
    }

    [Fact]
    public void ThreadsDoNotShowInTheBits()
    {
        using var expected = new Run(1);
        for (var step = 0; step < 3; step++) expected.Step(step);
        foreach (var threads in (int[])[2, 3])
        {
            using var run = new Run(threads);
            for (var step = 0; step < 3; step++) run.Step(step);
            Assert.Equal(expected.Parameters(), run.Parameters());
        }
    }

    [Fact]
    public void AStepAllocatesNothingOnceWarm()
    {
        using var run = new Run(2);
        for (var step = 0; step < 3; step++) run.Step(step);
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (var step = 3; step < 6; step++) run.Step(step);
        }));
    }

    [Fact]
    public void ATeacherHasTheBitsOfInference()
    {
        using var run = new Run(2);
        run.Step(0);
        using var model = NewTeacher(null);
        using var session = model.CreateSession(OutputNames.LastHiddenState);
        session.Run(run.Batch);
        var expected = session.GetOutput(OutputNames.LastHiddenState);
        Assert.Equal(expected, run.Teacher.Output(OutputNames.LastHiddenState).Rows.Span);
        var means = run.Teacher.MeanVectors.Rows;
        for (var text = 0; text < run.Batch.TextCount; text++)
        {
            var tokens = expected[(run.Batch.TextStarts[text] * 16)..(run.Batch.TextStarts[text + 1] * 16)].ToArray();
            for (var channel = 0; channel < 16; channel++)
            {
                var sum = 0f;
                for (var i = channel; i < tokens.Length; i += 16) sum += tokens[i];
                Assert.Equal(sum / (tokens.Length / 16), means.Span[(text * 16) + channel]);
            }
        }
    }

    /// <summary>Mean and length in a student's graph are those of an embedder, in training and in inference.</summary>
    [Fact]
    public void SentenceVectorsHaveTheBitsOfTheEmbedder()
    {
        var g = new GraphBuilder();
        var hidden = g.Embed(g.Table("words", EmbeddingIndex.TokenId, 40, 37), g.Table("places", EmbeddingIndex.Position, 16, 37));
        hidden = g.LayerNorm(hidden, "norm", 1e-5f);
        g.Output("hidden", hidden);
        g.Output("vector", g.Normalize(g.Pool(hidden, PoolKind.Mean)));
        var graph = g.Build(ModelHead.None);
        var initial = new InitialParameters(8, 0.3);
        using var parameters = new ParameterStore(graph.Parameters);
        foreach (var parameter in graph.Parameters) initial.Read(parameter, parameters.ValueSpan(parameter));
        using var pool = new WorkerPool(2);
        using var training = new GradientSession(graph, [new("hidden"), new("vector")], parameters, pool);
        using var model = new Engine(TeacherConfiguration, graph, initial, pool: pool);
        using var inference = model.CreateSession("hidden", "vector");
        var batch = NewBatch();
        training.PackWeights();
        training.Forward(batch, null);
        inference.Run(batch);
        Check(training.Output("hidden").Rows.Span, training.Output("vector").Rows.Span);
        Check(inference.GetOutput("hidden"), inference.GetOutput("vector"));

        void Check(ReadOnlySpan<float> tokens, ReadOnlySpan<float> vectors)
        {
            var expected = new float[37];
            for (var text = 0; text < batch.TextCount; text++)
            {
                var rows = tokens[(batch.TextStarts[text] * 37)..(batch.TextStarts[text + 1] * 37)];
                TokenPooling.Apply(SentencePooling.Mean, rows, 0, expected);
                TokenPooling.Normalize(expected);
                Assert.Equal(expected, vectors.Slice(text * 37, 37));
            }
        }
    }

    [Fact]
    public void OutputsThatWereNotAskedForAreErrors()
    {
        using var model = NewTeacher(null);
        using var teacher = new Teacher(model, [OutputNames.PoolerOutput], false, WorkerPool.Shared);
        Assert.Contains("pooler_output", Assert.Throws<ArgumentException>(() => teacher.Output(OutputNames.LastHiddenState)).Message,
            StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => teacher.MeanVectors);
    }

    private static Engine NewTeacher(WorkerPool? pool) =>
        new(TeacherConfiguration, ModelGraph.Create(TeacherConfiguration, ModelHead.None), new InitialParameters(5, 0.2), pool: pool);

    private static PackedBatch NewBatch()
    {
        var random = new Random(3);
        var batch = new PackedBatch();
        for (var text = 0; text < 7; text++) batch.Add([.. Enumerable.Range(0, 1 + random.Next(12)).Select(_ => random.Next(40))]);
        return batch;
    }

    private sealed class Run : IDisposable
    {
        private readonly WorkerPool _pool;
        private readonly Engine _model;
        private readonly ParameterStore _parameters;
        private readonly GradientSession _session;
        private readonly Objective _objective;
        private readonly AdamW _optimizer;

        public Run(int threads)
        {
            _pool = new WorkerPool(threads);
            _model = NewTeacher(_pool);
            Teacher = new Teacher(_model, [OutputNames.LastHiddenState, OutputNames.HiddenState(2)], true, _pool);
            var g = new GraphBuilder();
            var hidden = SupportedArchitectures.Of(StudentConfiguration).Encoder(g, StudentConfiguration);
            g.Output(OutputNames.LastHiddenState, hidden);
            g.Output(Pooled, g.Pool(hidden, PoolKind.Mean));
            var graph = g.Build(ModelHead.None);
            _parameters = new ParameterStore(graph.Parameters, parameter => parameter.Name.Contains("position", StringComparison.Ordinal));
            var initial = new InitialParameters(1, 0.2);
            foreach (var parameter in graph.Parameters) initial.Read(parameter, _parameters.ValueSpan(parameter));
            _session = new GradientSession(
                graph, [new(Pooled), new(OutputNames.LastHiddenState), new(OutputNames.HiddenState(1)), new(OutputNames.HiddenState(2))],
                _parameters, _pool);
            _session.PackWeights();
            _objective = new Objective(
                _session,
                new LossTerm(Pooled, new CosineDistance(), 2, Teacher.MeanVectors),
                new LossTerm(Pooled, new SimilarityDivergence(0.05, 4), 1, Teacher.MeanVectors),
                new LossTerm(OutputNames.LastHiddenState, new HiddenStateError(), 1, Teacher.Output(OutputNames.LastHiddenState)),
                new LossTerm(OutputNames.HiddenState(1), new HiddenStateError(), 0.5, Teacher.Output(OutputNames.HiddenState(2))));
            _optimizer = new AdamW(_parameters, new AdamWOptions(), _pool);
        }

        public Teacher Teacher { get; }

        public PackedBatch Batch { get; } = NewBatch();

        public double Step(int number)
        {
            _session.ClearGradients();
            _objective.Begin();
            _objective.Count(Batch, null);
            Teacher.Run(Batch);
            _session.Forward(Batch, new DropoutKey(1, number, 0));
            _objective.AddGradients(null);
            _session.Backward();
            _optimizer.Step(3e-3, 1);
            _session.PackTrainableWeights();
            return _objective.Value;
        }

        public float[] Parameters() => [.. _parameters.Parameters.SelectMany(parameter => _parameters.ValueSpan(parameter).ToArray())];

        public void Dispose()
        {
            _optimizer.Dispose();
            _session.Dispose();
            _parameters.Dispose();
            Teacher.Dispose();
            _model.Dispose();
            _pool.Dispose();
        }
    }
}
