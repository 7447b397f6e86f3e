using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using SqueezeBert.Benchmarks.Measuring;
using SqueezeBert.Checkpoints;
using SqueezeBert.Gradients.Batches;
using SqueezeBert.Gradients.Losses;
using SqueezeBert.Gradients.Losses.Distillation;
using SqueezeBert.Gradients.Memory;
using SqueezeBert.Gradients.Objectives;
using SqueezeBert.Gradients.Plans;
using SqueezeBert.Gradients.Sessions;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Threading;
using SqueezeBert.Tokenization;
using SqueezeBert.Training;
using SqueezeBert.Training.Data;
using SqueezeBert.Training.Distillation;
using SqueezeBert.Training.Optimization;
using SqueezeBert.Training.TeacherCaches;

namespace SqueezeBert.Benchmarks;

/// <summary>
/// A whole step of a student (6 layers of 384, feed-forward in groups of 4) that learns vectors, in turns: with the targets at hand, from
/// the cache of a teacher on disk, and beside the teacher (a BERT of 6 layers of 384).
/// </summary>
internal sealed class DistillationBenchmark(Arguments arguments, TextWriter output)
{
    public const string Usage = "[--threads 2] [--tokens 4096] [--length 24] [--batches 8] [--seconds 3] [--rounds 5]";

    private const int Pieces = 8000;

    private readonly int _tokens = arguments.Integer("--tokens", 4096);
    private readonly int _length = arguments.Integer("--length", 24);
    private readonly int _batches = arguments.Integer("--batches", 8);
    private readonly double _seconds = arguments.Number("--seconds", 3);
    private readonly int _rounds = arguments.Integer("--rounds", 5);

    public static void Run(Arguments arguments, TextWriter output) => new DistillationBenchmark(arguments, output).Run();

    private void Run()
    {
        Machine.Describe(output, arguments.All);
        var folder = Directory.CreateTempSubdirectory("squeezebert-distillation-").FullName;
        try
        {
            MakeTeacher(Path.Combine(folder, "teacher"));
            var table = new Table(output, "threads:", "targets", "median ms:", "min ms:", "spread:", "tokens/s:", "with / without:");
            foreach (var threads in arguments.Integers("--threads", [2])) Measure(table, folder, threads);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private void Measure(Table table, string folder, int threads)
    {
        using var pool = new WorkerPool(threads);
        var set = Texts();
        using var cache = new TeacherCache(
            Path.Combine(folder, "cache"), Path.Combine(folder, "teacher"), CacheKind.Vectors, [set], pool);
        cache.Open(output.WriteLine, CancellationToken.None);
        using var teacher = new TeacherEncoder(Path.Combine(folder, "teacher"), _ => [], pool);
        var batches = Batches(set);
        cache.Prepare(batches[0]);
        using var student = new Student(pool, cache, teacher.Outputs.MeanVectors);
        List<double> without = [], cached = [], live = [];
        for (var round = 0; round < _rounds; round++)
        {
            Turn(without, batch => student.Step(batch, student.Cached));
            Turn(cached, batch =>
            {
                cache.Prepare(batch);
                student.Step(batch, student.Cached);
            });
            Turn(live, batch =>
            {
                teacher.Outputs.Run(batch.Batch);
                student.Step(batch, student.Live);
            });
        }

        Row("at hand", without);
        Row("from the cache", cached);
        Row("from the teacher", live);

        void Row(string name, List<double> times)
        {
            var samples = new Samples(times);
            table.Row(threads.ToString(CultureInfo.InvariantCulture), name, Table.Milliseconds(samples.Median),
                Table.Milliseconds(samples.Minimum), Table.Percent(samples.Spread),
                Table.Whole(batches[0].Batch.TokenCount / samples.Median), Table.Ratio(samples.Median / new Samples(without).Median));
        }

        void Turn(List<double> times, Action<MicroBatch> step)
        {
            foreach (var batch in batches.Take(2)) step(batch);
            var turn = Stopwatch.StartNew();
            for (var i = 0; turn.Elapsed.TotalSeconds < _seconds || i < 2; i++)
            {
                var start = Stopwatch.GetTimestamp();
                step(batches[i % batches.Count]);
                times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        }
    }

    private ExampleSet Texts()
    {
        var (set, random) = (new ExampleSet(), new Random(1));
        for (var i = 0; i < _batches * (_tokens / _length); i++)
            set.Add([.. Enumerable.Range(0, _length).Select(_ => random.Next(5, Pieces))], _length, 0, set.AddText(0));
        return set;
    }

    private List<MicroBatch> Batches(ExampleSet set)
    {
        var builder = new MicroBatchBuilder(new TextExampleWriter(), _tokens);
        var count = builder.Build(set, [.. Enumerable.Range(0, set.Count)], 0);
        return [.. builder.Batches.Take(count)];
    }

    private static void MakeTeacher(string folder)
    {
        var tokenizer = BertTokenizer.FromVocabulary(
            ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. Enumerable.Range(5, Pieces - 5).Select(i => $"w{i}")]);
        var fields = new JsonObject
        {
            ["hidden_size"] = 384,
            ["num_attention_heads"] = 12,
            ["num_hidden_layers"] = 6,
            ["intermediate_size"] = 1536,
        };
        NewModel.Save(folder, NewModel.Configure("bert", fields, tokenizer), tokenizer);
    }

    private sealed class Student : IDisposable
    {
        private readonly ParameterStore _parameters;
        private readonly GradientSession _session;
        private readonly Optimizer _optimizer;
        private long _steps;

        public Student(WorkerPool pool, ITargetRows cached, ITargetRows live)
        {
            var graph = StudentGraph.Create(new SqueezeBertConfiguration
            {
                VocabularySize = Pieces,
                HiddenSize = 384,
                EmbeddingSize = 384,
                LayerCount = 6,
                HeadCount = 12,
                IntermediateSize = 1536,
                QueryGroups = 1,
                KeyGroups = 1,
                ValueGroups = 1,
                IntermediateGroups = 4,
                OutputGroups = 4,
            });
            _parameters = new ParameterStore(graph.Parameters);
            var values = new FormulaParameters();
            foreach (var parameter in graph.Parameters) values.Read(parameter, _parameters.ValueSpan(parameter));
            _session = new GradientSession(graph, [new OutputRequest(StudentGraph.Vector)], _parameters, pool);
            _session.PackWeights();
            Cached = Objective(cached);
            Live = Objective(live);
            _optimizer = Optimizer.Create(OptimizerKind.AdamW, _parameters, new AdamWOptions(), pool);

            Objective Objective(ITargetRows rows) => new(_session,
                new LossTerm(StudentGraph.Vector, new CosineDistance(), 2, rows),
                new LossTerm(StudentGraph.Vector, new SimilarityDivergence(0.05, 128), 1, rows));
        }

        public Objective Cached { get; }

        public Objective Live { get; }

        public void Step(MicroBatch batch, Objective objective)
        {
            _session.ClearGradients();
            objective.Begin();
            objective.Count(batch.Batch, batch.Labels);
            _session.Forward(batch.Batch, new DropoutKey(1, _steps++, 0));
            objective.AddGradients(batch.Labels);
            _session.Backward();
            _optimizer.Step(5e-5, maxNorm: 1);
            _session.PackTrainableWeights();
        }

        public void Dispose()
        {
            _optimizer.Dispose();
            _session.Dispose();
            _parameters.Dispose();
        }
    }
}
