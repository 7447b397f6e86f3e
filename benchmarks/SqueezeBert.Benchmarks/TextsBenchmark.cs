using System.Globalization;
using SqueezeBert.Benchmarks.Engines;
using SqueezeBert.Benchmarks.Measuring;
using SqueezeBert.Graphs;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Benchmarks;

/// <summary>
/// Batches of real texts of mixed length: ours as they come, others' padded to the longest of a batch, as they come and after all texts
/// were sorted by length.
/// </summary>
internal sealed class TextsBenchmark
{
    public const string Usage =
        "--text FILE[:COLUMN],... --vocab VOCAB.TXT [--models squeezebert-base] [--threads 1,2] [--batches 8,32] [--count 64] " +
            "[--max-length 512]\n"
        + "              [--outputs last_hidden_state,pooler_output] [--precisions float32,int8] [--peers FOLDER [--python python3.11]] " +
            "[--seconds 2] [--rounds 5] [--turn 200] [--pause 50]";

    private readonly Arguments _arguments;
    private readonly IReadOnlyList<Precision> _precisions;
    private readonly string? _packages;
    private readonly Table _table;

    private TextsBenchmark(Arguments arguments, TextWriter output)
    {
        _arguments = arguments;
        _precisions = OwnEngines.Precisions(arguments);
        _packages = arguments.Text("--peers") is { } peers && Directory.Exists(Path.Combine(peers, "site"))
            ? Path.Combine(peers, "site") : null;
        Machine.Describe(output, arguments.All);
        output.WriteLine(
            $"ours in {string.Join(" and ", _precisions.Select(OwnEngines.Name))}; ONNX Runtime: {OnnxRuntimeEngine.Settings}");
        if (_packages is not null)
            output.WriteLine($"OpenVINO {OpenVinoEngine.Version(_packages)}: {OpenVinoEngine.Settings}");
        output.WriteLine("padded: to the longest of the batch, texts as they come; sorted: padded, after all texts were sorted by length");
        output.WriteLine($"ours/theirs: ratio of the medians, ours in {OwnEngines.Name(_precisions[^1])}; below 1 we are faster");
        output.WriteLine();
        _table = new Table(output, "model", "texts", "output", "threads:", "batch:", "engine".PadRight(21), "tokens:", "ms a text:",
            "min ms:", "spread:", "texts/s:", "ours/theirs:");
    }

    /// <exception cref="WrongResultException">Another engine gave another answer.</exception>
    public static void Run(Arguments arguments, TextWriter output)
    {
        var files = arguments.Required("--text", "files of texts, FILE:COLUMN for tables, .txt with one text per line, SQuAD's .json")
            .Split(',');
        var tokenizer = BertTokenizer.Load(arguments.Required("--vocab", "the vocabulary, one token per line"));
        var benchmark = new TextsBenchmark(arguments, output);
        foreach (var model in arguments.Texts("--models", "squeezebert-base").Select(BenchmarkModel.Find))
            benchmark.Run(model, files, tokenizer);
    }

    private void Run(BenchmarkModel model, IReadOnlyList<string> files, BertTokenizer tokenizer)
    {
        using var onnx = new OnnxModel(model, _arguments.Text("--peers"));
        var longest = Math.Min(_arguments.Integer("--max-length", 512), model.Configuration.MaxPositionEmbeddings);
        foreach (var threads in _arguments.Integers("--threads", [1, 2]))
        {
            using var ours = new OwnEngines(model, model.Graph(), _precisions, threads);
            using var session = OnnxRuntimeEngine.Open(onnx.Path, threads);
            foreach (var name in _arguments.Texts("--outputs", OutputNames.LastHiddenState, OutputNames.PoolerOutput))
            {
                foreach (var file in files)
                {
                    var texts = TextFile.Read(file, tokenizer, _arguments.Integer("--count", 64), longest);
                    if (texts.Max(text => text.Ids.Max()) >= model.Configuration.VocabularySize)
                        throw new ArgumentException($"--vocab has more tokens than {model.Name}");
                    foreach (var size in _arguments.Integers("--batches", [8, 32]))
                    {
                        var entrants = Entrants(ours, session, onnx, name, threads);
                        try
                        {
                            Compare(entrants, texts, size, onnx, new Row(model.Name, file, name, threads, size));
                        }
                        finally
                        {
                            foreach (var entrant in entrants) entrant.Engine.Dispose();
                        }
                    }
                }
            }
        }
    }

    private List<Entrant> Entrants(
        OwnEngines ours, Microsoft.ML.OnnxRuntime.InferenceSession session, OnnxModel onnx, string name, int threads)
    {
        List<Entrant> entrants =
        [
            .. ours.All.Select(own =>
                new Entrant(new SqueezeBertEngine(own.Model, name, $"SqueezeBert {OwnEngines.Name(own.Precision)}"), IsOurs: true)),
            new(new OnnxRuntimeEngine(session, name, "ONNX Runtime, padded")),
            new(new OnnxRuntimeEngine(session, name, "ONNX Runtime, sorted"), IsSorted: true),
        ];
        if (_packages is null) return entrants;
        var python = _arguments.Text("--python") ?? "python3.11";
        var files = _precisions.Contains(Precision.Int8) && onnx.Int8Path is { } int8 ? (string[])[onnx.Path, int8] : [onnx.Path];
        foreach (var file in files)
        {
            entrants.Add(new(new OpenVinoEngine(python, _packages, file, name, threads, isFloat32: true, ", padded")));
            entrants.Add(new(new OpenVinoEngine(python, _packages, file, name, threads, isFloat32: true, ", sorted"), IsSorted: true));
        }

        return entrants;
    }

    private void Compare(List<Entrant> entrants, IReadOnlyList<TokenText> texts, int size, OnnxModel onnx, Row row)
    {
        var inOrder = Batches(texts, size);
        var byLength = Batches([.. texts.OrderBy(text => text.Length)], size);
        foreach (var entrant in entrants)
        {
            entrant.Engine.Prepare(entrant.IsSorted ? byLength : inOrder);
            entrant.Engine.Run();
        }

        if (onnx.HasOurWeights && _precisions[0] == Precision.Float32)
        {
            foreach (var other in entrants.Where(entrant => entrant is { IsOurs: false, IsSorted: false }))
                Comparison.Check($"{row.Model}, {row.Output}, batches of {size} of {row.File}", entrants[0].Engine, other.Engine);
        }

        var samples = Measure([.. entrants.Select(entrant => entrant.Engine)], row.Threads);
        var ours = samples[_precisions.Count - 1].Median;
        for (var i = 0; i < samples.Count; i++)
        {
            var tokens = entrants[i].IsOurs ? texts.Sum(text => text.Length) : Padded(entrants[i].IsSorted ? byLength : inOrder);
            _table.Row(
                row.Model, Label(row.File), row.Output, Whole(row.Threads), Whole(size), entrants[i].Engine.Name, Whole(tokens),
                Table.Milliseconds(samples[i].Median / texts.Count), Table.Milliseconds(samples[i].Minimum / texts.Count),
                Table.Percent(samples[i].Spread), (texts.Count / samples[i].Median).ToString("0.0", CultureInfo.InvariantCulture),
                i == _precisions.Count - 1 ? "" : Table.Ratio(ours / samples[i].Median));
        }
    }

    private IReadOnlyList<Samples> Measure(IReadOnlyList<IEngine> engines, int threads) => new RoundRobin
    {
        Seconds = _arguments.Number("--seconds", 2),
        MinimumRounds = _arguments.Integer("--rounds", 5),
        TurnSeconds = _arguments.Number("--turn", 200) / 1000,
        Pause = TimeSpan.FromMilliseconds(_arguments.Number("--pause", threads > 1 ? 50 : 0)),
    }.Run([.. engines.Select(engine => new Contender(engine.Name, engine.Run))]);

    private static IReadOnlyList<IReadOnlyList<TokenText>> Batches(IReadOnlyList<TokenText> texts, int size) => [.. texts.Chunk(size)];

    /// <summary>Rows that are computed when each batch is padded to its longest text.</summary>
    private static int Padded(IReadOnlyList<IReadOnlyList<TokenText>> batches) =>
        batches.Sum(batch => batch.Count * batch.Max(text => text.Length));

    /// <summary>The file with its folder, which is what data sets are called after.</summary>
    private static string Label(string file) =>
        $"{Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(file)))}/{Path.GetFileName(file)}";

    private static string Whole(int value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>An engine, and the order of texts that it gets.</summary>
    private readonly record struct Entrant(IEngine Engine, bool IsSorted = false, bool IsOurs = false);

    /// <summary>What is the same in all rows of a comparison.</summary>
    private readonly record struct Row(string Model, string File, string Output, int Threads, int Size);
}
