using System.Diagnostics;
using System.Globalization;
using SqueezeBert.Tokenization;
using UTF8 = System.Text.UTF8Encoding;

namespace SqueezeBert.Benchmarks;

/// <summary>Token ids of English prose, ours and Microsoft.ML.Tokenizers' in turns, on one thread.</summary>
internal static class TokenizerBenchmark
{
    private const int Rounds = 7;

    public static void Run(Arguments arguments)
    {
        var file = arguments.Text("--text") ?? throw new ArgumentException("--text FILE is needed: plain text, a paragraph a line");
        var vocabulary = arguments.Text("--vocab") ?? throw new ArgumentException("--vocab VOCAB.TXT is needed");
        var lines = Lines(file, (long)(arguments.Number("--megabytes", 20) * 1e6));
        var bytes = lines.Sum(line => (long)UTF8.UTF8.GetByteCount(line));
        var ours = BertTokenizer.Load(vocabulary);
        using var stream = File.OpenRead(vocabulary);
        var theirs = Microsoft.ML.Tokenizers.BertTokenizer.Create(stream, new Microsoft.ML.Tokenizers.BertOptions { RemoveNonSpacingMarks = true });
        var buffer = new int[1 << 16];
        long Ours() => lines.Sum(line => (long)ours.Encode(line, buffer, out _));
        long WithOffsets() => lines.Sum(line => (long)ours.Encode(line).Length);
        long Theirs() => lines.Sum(line => (long)theirs.EncodeToIds(line).Count);
        (string Name, Func<long> Work)[] peers = [("ours, ids into a span", Ours), ("ours, with offsets", WithOffsets), ("Microsoft.ML.Tokenizers", Theirs)];
        var times = peers.ToDictionary(peer => peer.Name, _ => new List<double>());
        var tokens = peers.ToDictionary(peer => peer.Name, peer => peer.Work());
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var (name, work) in peers)
            {
                var start = Stopwatch.GetTimestamp();
                work();
                times[name].Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.0} MB of UTF-8, {lines.Count} lines, one thread, median of {Rounds} rounds in turns"));
        Console.WriteLine("tokenizer                      MB/s      best    Mtokens/s       tokens");
        foreach (var (name, _) in peers)
        {
            var sorted = times[name].Order().ToList();
            var median = sorted[Rounds / 2];
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{name,-26} {bytes / median / 1e6,8:0.0}  {bytes / sorted[0] / 1e6,8:0.0}  {tokens[name] / median / 1e6,11:0.00}  {tokens[name],11}"));
        }
    }

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
}
