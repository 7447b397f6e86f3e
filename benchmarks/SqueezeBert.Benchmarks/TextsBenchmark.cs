using System.Globalization;
using SqueezeBert.Benchmarks.Engines;
using SqueezeBert.Benchmarks.Measuring;
using SqueezeBert.Graphs;
using SqueezeBert.Inference;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Benchmarks;

/// <summary>
/// Batches of real texts of mixed length: ours as they come, ONNX Runtime's padded to the longest of a batch, as they come and after all
/// texts were sorted by length.
/// </summary>
internal static class TextsBenchmark
{
    public const string Usage =
        "--text FILE[:COLUMN],... --vocab VOCAB.TXT [--models squeezebert-base] [--threads 1,2] [--batches 8,32] [--count 64] " +
            "[--max-length 512]\n"
        + "              [--outputs last_hidden_state,pooler_output] [--peers FOLDER] [--seconds 2] [--rounds 5] [--turn 200] [--pause 50]";

    /// <exception cref="WrongResultException">ONNX Runtime gave another answer.</exception>
    public static void Run(Arguments arguments, TextWriter output)
    {
        var files = arguments.Required("--text", "files of texts, FILE:COLUMN for tables, .txt with one text per line, SQuAD's .json")
            .Split(',');
        var tokenizer = BertTokenizer.Load(arguments.Required("--vocab", "the vocabulary, one token per line"));
        Machine.Describe(output, arguments.All);
        output.WriteLine(
            $"float32; ONNX Runtime: {OnnxRuntimeEngine.Settings}; padded: to the longest of the batch, texts as they come; sorted: " +
                "padded, after all texts were sorted by length");
        output.WriteLine();
        var table = new Table(output, "model", "texts", "output", "threads:", "batch:", "engine".PadRight(20), "tokens:", "ms a text:",
            "min ms:", "spread:", "texts/s:", "ours/theirs:");
        foreach (var model in arguments.Texts("--models", "squeezebert-base").Select(BenchmarkModel.Find))
        {
            using var onnx = new OnnxModel(model, arguments.Text("--peers"));
            foreach (var threads in arguments.Integers("--threads", [1, 2]))
            {
                using var ours = new Engine(
                    model.Configuration, model.Graph(), model.Parameters(), new EngineOptions { Threads = threads });
                using var session = OnnxRuntimeEngine.Open(onnx.Path, threads);
                foreach (var name in arguments.Texts("--outputs", OutputNames.LastHiddenState, OutputNames.PoolerOutput))
                {
                    using IEngine packed = new SqueezeBertEngine(ours, name),
                        padded = new OnnxRuntimeEngine(session, name, "ONNX Runtime, padded"),
                        sorted = new OnnxRuntimeEngine(session, name, "ONNX Runtime, sorted");
                    foreach (var file in files)
                    {
                        var longest = Math.Min(arguments.Integer("--max-length", 512), model.Configuration.MaxPositionEmbeddings);
                        var texts = TextFile.Read(file, tokenizer, arguments.Integer("--count", 64), longest);
                        if (texts.Max(text => text.Ids.Max()) >= model.Configuration.VocabularySize)
                            throw new ArgumentException($"--vocab has more tokens than {model.Name}");
                        foreach (var size in arguments.Integers("--batches", [8, 32]))
                        {
                            var inOrder = Batches(texts, size);
                            var byLength = Batches([.. texts.OrderBy(text => text.Length)], size);
                            packed.Prepare(inOrder);
                            padded.Prepare(inOrder);
                            sorted.Prepare(byLength);
                            packed.Run();
                            padded.Run();
                            if (onnx.HasOurWeights) Comparison.Check($"{model.Name}, {name}, batches of {size} of {file}", packed, padded);
                            var tokens = new[] { texts.Sum(text => text.Length), Padded(inOrder), Padded(byLength) };
                            var samples = Measure(arguments, threads, packed, padded, sorted);
                            for (var i = 0; i < samples.Count; i++)
                            {
                                table.Row(
                                    model.Name, Label(file), name, Whole(threads), Whole(size), new[] { packed, padded, sorted }[i].Name,
                                    Whole(tokens[i]),
                                    Table.Milliseconds(samples[i].Median / texts.Count),
                                    Table.Milliseconds(samples[i].Minimum / texts.Count), Table.Percent(samples[i].Spread),
                                    (texts.Count / samples[i].Median).ToString("0.0", CultureInfo.InvariantCulture),
                                    i == 0 ? "" : Table.Ratio(samples[0].Median / samples[i].Median));
                            }
                        }
                    }
                }
            }
        }
    }

    private static IReadOnlyList<Samples> Measure(Arguments arguments, int threads, params IEngine[] engines) => new RoundRobin
    {
        Seconds = arguments.Number("--seconds", 2),
        MinimumRounds = arguments.Integer("--rounds", 5),
        TurnSeconds = arguments.Number("--turn", 200) / 1000,
        Pause = TimeSpan.FromMilliseconds(arguments.Number("--pause", threads > 1 ? 50 : 0)),
    }.Run([.. engines.Select(engine => new Contender(engine.Name, engine.Run))]);

    private static IReadOnlyList<IReadOnlyList<TokenText>> Batches(IReadOnlyList<TokenText> texts, int size) => [.. texts.Chunk(size)];

    /// <summary>Rows that are computed when each batch is padded to its longest text.</summary>
    private static int Padded(IReadOnlyList<IReadOnlyList<TokenText>> batches) =>
        batches.Sum(batch => batch.Count * batch.Max(text => text.Length));

    /// <summary>The file with its folder, which is what data sets are called after.</summary>
    private static string Label(string file) =>
        $"{Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(file)))}/{Path.GetFileName(file)}";

    private static string Whole(int value) => value.ToString(CultureInfo.InvariantCulture);
}
