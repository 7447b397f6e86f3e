using System.Globalization;
using SqueezeBert.Benchmarks.Engines;
using SqueezeBert.Benchmarks.Measuring;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Inference;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Benchmarks;

/// <summary>
/// Managed bytes that a call allocates once warm, on the inner path of each pipeline: none are expected, results are the caller's spans.
/// </summary>
internal static class AllocationBenchmark
{
    public const string Usage = "[--calls 1000]";

    private const string MaskedText = "The plot is thin, but the two [MASK] carry it well; I was never bored for more than 5 [MASK].";

    private const string Text = "The plot is thin, but the two leads carry it well; I was never bored for more than 5 minutes.";

    /// <exception cref="WrongResultException">A path allocates.</exception>
    public static void Run(Arguments arguments, TextWriter output)
    {
        Machine.Describe(output, arguments.All);
        var calls = arguments.Integer("--calls", 1000);
        using var folder = new SyntheticCheckpoint(BenchmarkModel.Find("tiny-squeezebert"));
        using var classifier = TextClassifier.Load(folder.Path, new TextClassifierOptions { Reading = new() { MaxLength = 64 } });
        using var windows = TextClassifier.Load(folder.Path,
            new TextClassifierOptions { Reading = new() { MaxLength = 32, LongText = LongText.Windows } });
        var ids = new int[256];
        var scores = new float[2];
        var paths = new List<(string Name, Action Call)>
        {
            ("tokenizer, ids into a span", () => classifier.Tokenizer.Encode(Text, ids, out _)),
            ("TextClassifier, scores into a span", () => classifier.Classify(Text, scores, out _)),
            ("TextClassifier, windows of a long text", () => windows.Classify(Text, scores, out _)),
        };
        using var pipelines = new PipelinePaths();
        paths.AddRange(pipelines.All());
        using var sessions = new Sessions();
        foreach (var model in BenchmarkModel.All.Where(model => model.Name.StartsWith("tiny-", StringComparison.Ordinal)))
        {
            foreach (var name in new[] { OutputNames.LastHiddenState, OutputNames.PoolerOutput,
                OutputNames.Attention(0) }.Where(model.Graph().Outputs.ContainsKey))
                paths.Add(($"{model.Name}, {name}", sessions.Pass(model, name)));
        }

        var table = new Table(output, "path".PadRight(40), "calls:", "bytes a call:");
        var worst = 0.0;
        foreach (var (name, call) in paths)
        {
            var bytes = BytesPerCall(call, calls);
            worst = Math.Max(worst, bytes);
            table.Row(name, calls.ToString(CultureInfo.InvariantCulture), bytes.ToString("0.###", CultureInfo.InvariantCulture));
        }

        if (worst > 0) throw new WrongResultException("a path allocates in each call");
    }

    /// <summary>On all threads. Of three series the smallest: what the runtime itself allocates now and then is not the path's.</summary>
    private static double BytesPerCall(Action call, int calls)
    {
        for (var i = 0; i < 100; i++) call();
        var least = long.MaxValue;
        for (var series = 0; series < 3; series++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            for (var i = 0; i < calls; i++) call();
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        return (double)least / calls;
    }

    /// <summary>The inner path of each pipeline but the classifier's: a text that fits, and one in windows.</summary>
    private sealed class PipelinePaths : IDisposable
    {
        private const int MaxLength = 64;
        private const int Window = 32;
        private readonly Stack<IDisposable> _owned = new();

        public IEnumerable<(string Name, Action Call)> All() =>
            [.. Pipelines(MaxLength, LongText.Truncate, ""), .. Pipelines(Window, LongText.Windows, ", windows")];

        public void Dispose()
        {
            foreach (var owned in _owned) owned.Dispose();
        }

        private IEnumerable<(string Name, Action Call)> Pipelines(int length, LongText longText, string suffix)
        {
            var values = new float[1 << 16];
            var zeroShot = Own(ZeroShotClassifier.Load(
                Folder(ModelHead.SequenceClassification),
                new ZeroShotClassifierOptions
                {
                    Reading = new() { MaxLength = length, LongText = longText },
                    EntailmentLabel = "positive",
                    HypothesisTemplate = "is {}"
                }));
            var labels = zeroShot.Prepare(["a", "not b"]);
            yield return ("ZeroShotClassifier" + suffix, () => zeroShot.Classify(Text, labels, values, out _));
            var answerer =
                Own(QuestionAnswerer.Load(Folder(ModelHead.QuestionAnswering),
                    new QuestionAnswererOptions { Reading = new() { MaxLength = length, LongText = longText } }));
            var answers = new AnswerSpan[20];
            yield return ("QuestionAnswerer" + suffix, () => answerer.Answer("was it", Text, answers, out _, out _));
            var filler = Own(
                MaskFiller.Load(Folder(ModelHead.MaskedLanguageModel),
                    new MaskFillerOptions { Reading = new() { MaxLength = length, LongText = longText } }));
            yield return ("MaskFiller" + suffix, () => filler.Fill(MaskedText, values, out _));
            var tagger =
                Own(TokenClassifier.Load(Folder(ModelHead.TokenClassification),
                    new TokenClassifierOptions { Reading = new() { MaxLength = length, LongText = longText } }));
            var offsets = new TokenOffset[256];
            yield return ("TokenClassifier" + suffix, () => tagger.Classify(Text, values, offsets, out _));
            var embedder =
                Own(TextEmbedder.Load(Folder(ModelHead.None),
                    new TextEmbedderOptions { Reading = new() { MaxLength = length, LongText = longText } }));
            yield return ("TextEmbedder" + suffix, () => embedder.Embed(Text, values, out _));
            var selector =
                Own(ChoiceSelector.Load(Folder(ModelHead.MultipleChoice),
                    new ChoiceSelectorOptions { Reading = new() { MaxLength = length, LongText = longText } }));
            string[] choices = ["it was", "it was not"];
            yield return ("ChoiceSelector" + suffix, () => selector.Choose(Text, choices, values, out _));
            var extractor = Own(
                FeatureExtractor.Load(Folder(ModelHead.None),
                    new FeatureExtractorOptions { Reading = new() { MaxLength = length, LongText = longText } }));
            yield return ("FeatureExtractor" + suffix, () => extractor.Extract(Text, values, out _));
        }

        private string Folder(ModelHead head) => Own(new SyntheticCheckpoint(BenchmarkModel.Find("tiny-squeezebert"), head)).Path;

        private T Own<T>(T owned)
            where T : IDisposable
        {
            _owned.Push(owned);
            return owned;
        }
    }

    private sealed class Sessions : IDisposable
    {
        private readonly List<IDisposable> _owned = [];

        /// <summary>A pass over two texts that refills its batch, as a pipeline does.</summary>
        public Action Pass(BenchmarkModel model, string output)
        {
            var inference = new Engine(model.Configuration, model.Graph(), model.Parameters());
            var session = inference.CreateSession(output);
            _owned.AddRange([session, inference]);
            var batch = new PackedBatch();
            int[] first = TokenText.Random(60, model.Configuration.VocabularySize).Ids,
                second = TokenText.Random(7, model.Configuration.VocabularySize).Ids;
            return () =>
            {
                batch.Clear();
                batch.Add(first);
                batch.Add(second);
                session.Run(batch);
            };
        }

        public void Dispose()
        {
            foreach (var owned in _owned) owned.Dispose();
        }
    }
}
