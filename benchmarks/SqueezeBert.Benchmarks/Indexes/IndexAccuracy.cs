using System.Globalization;
using SqueezeBert.Benchmarks.Measuring;
using SqueezeBert.Evaluation;

namespace SqueezeBert.Benchmarks.Indexes;

/// <summary>
/// What each form of an index keeps of a model's figures: SQuAD's questions to the paragraphs that answer them (nDCG@10), and Spearman's
/// correlation of the scores of STS-B's pairs.
/// </summary>
internal static class IndexAccuracy
{
    public const string Usage =
        "--model FOLDER --squad FILE.json [--paragraphs 2000] [--questions 3000] [--sts FILE.tsv] [--dimensions 384,256,128] "
        + "[--more TEXTS.txt] [--more-count 10000] [--candidates 200] (--more: texts that answer nothing, to be found among)";

    private const int Depth = 10;

    // Shorter lines are headings and the like.
    private const int LeastCharacters = 200;

    public static void Run(Arguments arguments, TextWriter output)
    {
        Machine.Describe(output, arguments.All);
        using var embedder = TextEmbedder.Load(arguments.Required("--model", "the folder of an embedding model"));
        var (paragraphs, questions) = Squad(
            arguments.Required("--squad", "a JSON file of SQuAD"), arguments.Integer("--paragraphs", 2000),
            arguments.Integer("--questions", 3000));
        var more = arguments.Text("--more") is { } texts
            ? File.ReadLines(texts).Where(line => line.Length >= LeastCharacters).Take(arguments.Integer("--more-count", 10_000)).ToList()
            : [];
        IReadOnlyList<float[]> documents = [.. Vectors(paragraphs), .. Vectors(more)];
        var queries = Vectors([.. questions.Select(question => question.Text)]);
        var pairs = arguments.Text("--sts") is { } file ? Sts(file) : [];
        var (left, right) = (Vectors([.. pairs.Select(pair => pair.First)]), Vectors([.. pairs.Select(pair => pair.Second)]));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{paragraphs.Count} paragraphs and {more.Count} others, {questions.Count} questions, {pairs.Count} pairs"));
        output.WriteLine();
        var table = new Table(output, "vectors", "dimensions:", "bytes:", "candidates:", "nDCG@10:", "kept:", "Spearman:", "kept:");
        var candidates = arguments.Integers("--candidates", [200]);
        var folder = Directory.CreateTempSubdirectory("squeezebert-index-").FullName;
        try
        {
            (double Ndcg, double Spearman)? whole = null;
            foreach (var dimensions in arguments.Integers("--dimensions", [embedder.Dimensions]))
            {
                foreach (var options in IndexBenchmark.Options())
                {
                    using var index = Write(documents, dimensions, options);
                    var bytes = (new FileInfo(index.Path).Length - 128.0) / documents.Count;
                    var spearman = pairs.Count == 0 ? double.NaN : Spearman(dimensions, options);
                    foreach (var count in index.Rescoring == VectorRescoring.None ? [0] : candidates)
                    {
                        var ndcg = Ndcg(index, queries, questions, count);
                        whole ??= (ndcg, spearman);
                        table.Row(
                            IndexBenchmark.NameOf(index), Table.Whole(dimensions), Table.Whole(bytes),
                            count == 0 ? "-" : Table.Whole(count), Hundredths(ndcg), Table.Percent(ndcg / whole.Value.Ndcg),
                            Hundredths(spearman), Table.Percent(spearman / whole.Value.Spearman));
                    }
                }
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        IReadOnlyList<float[]> Vectors(IReadOnlyList<string> texts) => [.. embedder.EmbedStream(texts).Select(e => e.Vector.ToArray())];

        VectorIndex Write(IReadOnlyList<float[]> vectors, int dimensions, VectorIndexWriterOptions options)
        {
            var path = Path.Combine(folder, $"{Guid.NewGuid():N}.index");
            using var writer = new VectorIndexWriter(path, dimensions, options);
            foreach (var vector in vectors) writer.Add(vector.AsSpan(0, dimensions));
            writer.Complete();
            return VectorIndex.Open(path);
        }

        double Spearman(int dimensions, VectorIndexWriterOptions options)
        {
            using var index = Write(right, dimensions, options);
            double[] scores = [.. left.Select((vector, row) => (double)index.Score(vector.AsSpan(0, dimensions), row))];
            return RegressionMetrics.Spearman(pairs.Select(pair => pair.Score).ToArray(), scores);
        }
    }

    private static double Ndcg(
        VectorIndex index, IReadOnlyList<float[]> queries, IReadOnlyList<(string Text, int Paragraph)> questions, int candidates)
    {
        var options = new VectorIndexSearchOptions { Candidates = candidates == 0 ? null : candidates };
        var report = new RetrievalReport();
        foreach (var (vector, question) in queries.Zip(questions))
        {
            var found = index.Search(vector.AsSpan(0, index.Dimensions), Depth, options);
            report.Add([.. found.Select(match => match.Row == question.Paragraph ? 1.0 : 0.0)], [1.0]);
        }

        return report.Figures().Single(figure => figure.Name == "ndcg_at_10").Value;
    }

    /// <summary>The first paragraphs of the file, and questions about them, drawn evenly.</summary>
    private static (IReadOnlyList<string> Paragraphs, IReadOnlyList<(string Text, int Paragraph)> Questions) Squad(
        string file, int count, int most)
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        var questions = new List<(string, int)>();
        foreach (var question in SquadReader.Read(file).Questions)
        {
            if (!places.TryGetValue(question.Context, out var place))
            {
                if (places.Count == count) break;
                places[question.Context] = place = places.Count;
            }

            questions.Add((question.Question, place));
        }

        var step = Math.Max(1, (double)questions.Count / most);
        var drawn = Enumerable.Range(0, Math.Min(most, questions.Count)).Select(i => questions[(int)(i * step)]);
        return ([.. places.OrderBy(paragraph => paragraph.Value).Select(paragraph => paragraph.Key)], [.. drawn]);
    }

    private static IReadOnlyList<(string First, string Second, double Score)> Sts(string file)
    {
        using var reader = TableReader.Open(file);
        return [.. reader.ReadRows().Select(
            row => (row["sentence1"], row["sentence2"], double.Parse(row["score"], CultureInfo.InvariantCulture)))];
    }

    private static string Hundredths(double figure) => (100 * figure).ToString("0.00", CultureInfo.InvariantCulture);
}
