using System.Diagnostics;
using System.Globalization;
using System.Numerics.Tensors;
using SqueezeBert.Benchmarks.Measuring;

namespace SqueezeBert.Benchmarks.Indexes;

/// <summary>
/// Searches among random vectors in each precision, the best ten of all, in turns; and what memory allows: the bytes that every search
/// reads, at the speed at which as many threads read memory front to back.
/// </summary>
internal static class IndexBenchmark
{
    public const string Usage =
        "[--vectors 1000000] [--dimensions 384] [--threads 1,2] [--top 10] [--plain] [--folder TEMP] [--seconds 2] [--rounds 5] "
        + "(--plain: also System.Numerics.Tensors over float[] in memory)";

    private const int DifferentQueries = 16;

    public static void Run(Arguments arguments, TextWriter output)
    {
        Machine.Describe(output, arguments.All);
        int count = arguments.Integer("--vectors", 1_000_000), dimensions = arguments.Integer("--dimensions", 384);
        var top = arguments.Integer("--top", 10);
        var threads = arguments.Integers("--threads", [1, 2]);
        var folder = Path.Combine(arguments.Text("--folder") ?? Path.GetTempPath(), $"squeezebert-index-{Guid.NewGuid():N}");
        Directory.CreateDirectory(folder);
        var indexes = new List<VectorIndex>();
        try
        {
            foreach (var options in Options()) indexes.Add(Write(folder, count, dimensions, options));
            var queries = Random(1).Take(DifferentQueries).ToArray();
            var contenders = new List<(Contender Contender, string Name, int Threads, double Bytes)>();
            foreach (var index in indexes)
            {
                foreach (var number in threads)
                    contenders.Add((new Contender("", () => Search(index, queries, top, number)), NameOf(index), number, Scanned(index)));
            }

            if (arguments.Has("--plain"))
            {
                var rows = Random(0).Take(count).ToArray();
                contenders.Add((new Contender("", () => Plain(rows, queries, top)), "TensorPrimitives.Dot", 1, count * 4.0 * dimensions));
            }

            var samples = new RoundRobin
            {
                Seconds = arguments.Number("--seconds", 2),
                MinimumRounds = arguments.Integer("--rounds", 5),
            }.Run([.. contenders.Select(contender => contender.Contender)]);
            var bandwidth = threads.Append(1).Distinct().ToDictionary(number => number, MemoryBandwidth.ReadGigabytesPerSecond);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count:N0} vectors of {dimensions}, the best {top}"));
            output.WriteLine();
            var table = new Table(
                output, "vectors", "threads:", "scanned MB:", "file MB:", "ms:", "best ms:", "spread:", "GB/s:", "memory ms:");
            foreach (var ((_, name, number, bytes), times) in contenders.Zip(samples))
            {
                var index = indexes.FirstOrDefault(index => NameOf(index) == name);
                table.Row(
                    name, Table.Whole(number), Table.Megabytes(bytes),
                    index is null ? "-" : Table.Megabytes(new FileInfo(index.Path).Length), Table.Milliseconds(times.Median),
                    Table.Milliseconds(times.Minimum), Table.Percent(times.Spread), Table.Ratio(bytes / times.Median / 1e9),
                    Table.Milliseconds(bytes / bandwidth[number] / 1e9));
            }
        }
        finally
        {
            foreach (var index in indexes) index.Dispose();
            Directory.Delete(folder, recursive: true);
        }

        IEnumerable<float[]> Random(int seed)
        {
            var random = new Random(seed);
            while (true)
            {
                var vector = new float[dimensions];
                foreach (ref var value in vector.AsSpan()) value = random.NextSingle() - 0.5f;
                yield return vector;
            }
        }

        VectorIndex Write(string folder, int count, int dimensions, VectorIndexWriterOptions options)
        {
            var path = Path.Combine(folder, $"{options.Precision}-{options.Rescoring}.index");
            using var writer = new VectorIndexWriter(path, dimensions, options);
            foreach (var vector in Random(0).Take(count)) writer.Add(vector);
            writer.Complete();
            return VectorIndex.Open(path);
        }
    }

    /// <summary>Every form of an index.</summary>
    public static IEnumerable<VectorIndexWriterOptions> Options() =>
    [
        new() { Precision = VectorPrecision.Float32 },
        new() { Precision = VectorPrecision.Int8 },
        new() { Precision = VectorPrecision.Bits, Rescoring = VectorRescoring.Int8 },
        new() { Precision = VectorPrecision.Bits, Rescoring = VectorRescoring.Float32 },
        new() { Precision = VectorPrecision.Bits, Rescoring = VectorRescoring.None },
    ];

    /// <summary>As the command line calls it.</summary>
    public static string NameOf(VectorIndex index) => index.Precision.ToString().ToLowerInvariant()
        + (index.Rescoring == VectorRescoring.None ? "" : $", then {index.Rescoring.ToString().ToLowerInvariant()}");

    private static double Scanned(VectorIndex index) => index.Precision switch
    {
        VectorPrecision.Float32 => 4.0 * index.Dimensions * index.Count,
        VectorPrecision.Int8 => (index.Dimensions + 4.0) * index.Count,
        _ => index.Dimensions / 8.0 * index.Count,
    };

    private static double Search(VectorIndex index, float[][] queries, int top, int threads)
    {
        var matches = new VectorMatch[top];
        var options = new VectorIndexSearchOptions { Threads = threads };
        var started = Stopwatch.GetTimestamp();
        foreach (var query in queries) index.Search(query, matches, options);
        return Stopwatch.GetElapsedTime(started).TotalSeconds / queries.Length;
    }

    private static double Plain(float[][] rows, float[][] queries, int top)
    {
        var started = Stopwatch.GetTimestamp();
        foreach (var query in queries)
        {
            var best = new PriorityQueue<int, float>();
            for (var row = 0; row < rows.Length; row++)
            {
                var score = TensorPrimitives.Dot(query, rows[row]);
                if (best.Count < top) best.Enqueue(row, score);
                else if (best.TryPeek(out _, out var least) && score > least) best.EnqueueDequeue(row, score);
            }
        }

        return Stopwatch.GetElapsedTime(started).TotalSeconds / queries.Length;
    }
}
