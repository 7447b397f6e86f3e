using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using SqueezeBert.Tokenization;
using UTF8 = System.Text.UTF8Encoding;

namespace SqueezeBert.Benchmarks;

/// <summary>
/// Token ids of a text, line by line as a user would ask for them, ours and Microsoft.ML.Tokenizers' in turns. One thread where the name
/// does not say more. CPU time is that of all threads (garbage collection included), which other programs on the machine disturb less than
/// the clock; by it, work that several threads share without loss has the speed of one.
/// </summary>
internal static class TokenizerBenchmark
{
    public static void Run(Arguments arguments)
    {
        var file = arguments.Text("--text") ?? throw new ArgumentException("--text FILE is needed: plain text, one paragraph per line");
        var vocabulary = arguments.Text("--vocab") ?? throw new ArgumentException("--vocab VOCAB.TXT is needed");
        var rounds = Math.Max(1, (int)arguments.Number("--rounds", 9));
        var lines = Lines(file, (long)(arguments.Number("--megabytes", 20) * 1e6));
        var bytes = lines.Sum(line => (long)UTF8.UTF8.GetByteCount(line));
        var ours = BertTokenizer.Load(vocabulary);
        using var stream = File.OpenRead(vocabulary);
        var theirs = Microsoft.ML.Tokenizers.BertTokenizer.Create(
            stream, new Microsoft.ML.Tokenizers.BertOptions { RemoveNonSpacingMarks = true });
        var buffer = new int[1 << 16];
        var results = new TextEncoding[lines.Count];

        var threads = string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessorCount} threads");
        Peer[] peers =
        [
            new("ours, ids into a span", () => lines.Sum(line => (long)ours.Encode(line, buffer, out _))),
            new("ours, count", () => lines.Sum(line => ours.Count(line) + 2L)),
            new("ours, Encode with offsets", () => lines.Sum(line => (long)ours.Encode(line).Length)),
            new("Microsoft.ML.Tokenizers", () => lines.Sum(line => (long)theirs.EncodeToIds(line).Count)),
            new("ours, Encode, results kept", () => KeepAll(ours, lines, results)),
            new($"ours, EncodeBatch, {threads}", () => ours.EncodeBatch(lines).Sum(encoding => (long)encoding.Length)),
            new($"ours, ids, {threads}", () => IdsOnAllCores(ours, lines)),
        ];
        for (var warmUp = 0; warmUp < 4; warmUp++)
        {
            foreach (var peer in peers)
                peer.Tokens = peer.Work();
            // The runtime compiles what was called often in the background.
            Thread.Sleep(300);
        }

        for (var round = 0; round < rounds; round++)
        {
            foreach (var peer in peers)
                peer.Measure();
        }

        var reference = peers.Single(peer => peer.Name.StartsWith("Microsoft", StringComparison.Ordinal));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{bytes / 1e6:0.0} MB of UTF-8, {lines.Count} lines, {rounds} rounds in turns; MB/s by CPU time (median, best) and by the " +
                $"clock (median, best)"));
        Console.WriteLine($"{"tokenizer",-32} {"CPU",8} {"best",8} {"clock",8} {"best",8} {"x Microsoft",12} {"tokens",11}");
        foreach (var peer in peers)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{peer.Name,-32} {bytes / Median(peer.Cpu) / 1e6,8:0.0} {bytes / peer.Cpu.Min() / 1e6,8:0.0} " +
                    $"{bytes / Median(peer.Clock) / 1e6,8:0.0} {bytes / peer.Clock.Min() / 1e6,8:0.0} " +
                        $"{Median(reference.Cpu) / Median(peer.Cpu),12:0.00} {peer.Tokens,11}"));
        }
    }

    private static long KeepAll(BertTokenizer tokenizer, List<string> lines, TextEncoding[] results)
    {
        for (var i = 0; i < results.Length; i++)
            results[i] = tokenizer.Encode(lines[i]);
        var tokens = results.Sum(encoding => (long)encoding.Length);
        Array.Clear(results);
        return tokens;
    }

    private static long IdsOnAllCores(BertTokenizer tokenizer, List<string> lines)
    {
        var tokens = 0L;
        Parallel.ForEach(
            Partitioner.Create(0, lines.Count, Math.Max(1, lines.Count / (16 * Environment.ProcessorCount))),
            range =>
            {
                var buffer = new int[1 << 16];
                var sum = 0L;
                for (var i = range.Item1; i < range.Item2; i++)
                    sum += tokenizer.Encode(lines[i], buffer, out _);
                Interlocked.Add(ref tokens, sum);
            });
        return tokens;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static List<string> Lines(string file, long limit)
    {
        var lines = new List<string>();
        var bytes = 0L;
        foreach (var line in File.ReadLines(file))
        {
            if (line.Length == 0) continue;
            lines.Add(line);
            bytes += UTF8.UTF8.GetByteCount(line);
            if (bytes >= limit) break;
        }

        return lines;
    }

    private sealed class Peer(string name, Func<long> work)
    {
        public string Name => name;

        public Func<long> Work => work;

        public long Tokens { get; set; }

        /// <summary>Seconds of CPU time, all threads.</summary>
        public List<double> Cpu { get; } = [];

        /// <summary>Seconds by the clock.</summary>
        public List<double> Clock { get; } = [];

        public void Measure()
        {
            var cpu = Environment.CpuUsage.TotalTime;
            var clock = Stopwatch.GetTimestamp();
            work();
            Clock.Add(Stopwatch.GetElapsedTime(clock).TotalSeconds);
            Cpu.Add((Environment.CpuUsage.TotalTime - cpu).TotalSeconds);
        }
    }
}
