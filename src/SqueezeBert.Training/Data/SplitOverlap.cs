using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Training.Data;

/// <summary>
/// Estimates how many examples of one set are near-duplicates of examples of another set, or parts of them. These are the examples most of
/// whose sequences of five tokens also occur in one training example, all windows of its text together. Shorter texts must occur there
/// unchanged. Of an example of several texts, such as a pair, this must hold for each text: sentences of a pair are often also in others,
/// with another answer. The time is linear in the number of tokens, and the memory in those of the sample.
/// </summary>
internal sealed class SplitOverlap
{
    private const int RunLength = 5;
    private const int MaxExamples = 2000;

    private readonly BertTokenizer _tokenizer;
    private readonly List<List<HashSet<ulong>>> _examples = [];
    private readonly Dictionary<ulong, int> _frequencies = [];
    private readonly Dictionary<ulong, List<int>> _probes = [];

    private SplitOverlap(BertTokenizer tokenizer, ExampleSet evaluated, int count)
    {
        _tokenizer = tokenizer;
        for (var i = 0; i < count; i++)
        {
            var texts = Runs(evaluated, evaluated[(int)((long)i * evaluated.Count / count)]);
            _examples.Add(texts);
            foreach (var run in texts.SelectMany(runs => runs)) _frequencies[run] = 0;
        }
    }

    /// <summary>
    /// Returns the share of such examples in <paramref name="evaluated"/>, 0 to 1. If there are many examples, a sample is used.
    /// </summary>
    /// <param name="trained">The training examples. The windows of a text follow each other.</param>
    /// <param name="evaluated">The evaluated examples.</param>
    /// <param name="tokenizer">The tokenizer of both.</param>
    public static double Share(ExampleSet trained, ExampleSet evaluated, BertTokenizer tokenizer)
    {
        var count = Math.Min(evaluated.Count, MaxExamples);
        if (count == 0) return 0;
        var overlap = new SplitOverlap(tokenizer, evaluated, count);
        overlap.Count(trained);
        overlap.ChooseProbes();
        return (double)overlap.Find(trained) / count;
    }

    private void Count(ExampleSet trained)
    {
        for (var i = 0; i < trained.Count; i++)
        {
            foreach (var run in Runs(trained, trained[i]).SelectMany(runs => runs))
            {
                if (_frequencies.TryGetValue(run, out var frequency)) _frequencies[run] = frequency + 1;
            }
        }
    }

    // An example that has most runs of a text has at least one of any few of them; the rarest are in the fewest examples.
    private void ChooseProbes()
    {
        for (var i = 0; i < _examples.Count; i++)
        {
            if (_examples[i].Count == 0 || !_examples[i].All(runs => IsIn(runs, run => _frequencies[run] > 0))) continue;
            var longest = _examples[i].MaxBy(runs => runs.Count)!;
            foreach (var run in longest.OrderBy(run => _frequencies[run]).Take(longest.Count - Needed(longest) + 1))
            {
                if (!_probes.TryGetValue(run, out var examples)) _probes[run] = examples = [];
                examples.Add(i);
            }
        }
    }

    private int Find(ExampleSet trained)
    {
        if (_probes.Count == 0) return 0;
        var found = new HashSet<int>();
        var here = new HashSet<ulong>();
        for (var i = 0; i < trained.Count; i++)
        {
            var example = trained[i];
            here.UnionWith(Runs(trained, example).SelectMany(runs => runs).Where(_frequencies.ContainsKey));
            if (i + 1 < trained.Count && trained[i + 1].Text == example.Text) continue;
            foreach (var run in here)
            {
                if (!_probes.TryGetValue(run, out var examples)) continue;
                foreach (var one in examples)
                {
                    if (!found.Contains(one) && _examples[one].All(runs => IsIn(runs, here.Contains))) found.Add(one);
                }
            }

            here.Clear();
        }

        return found.Count;
    }

    private static bool IsIn(HashSet<ulong> runs, Func<ulong, bool> contains) => runs.Count(contains) >= Needed(runs);

    // Independent texts share names and phrases, seldom four fifths of what they say.
    private static int Needed(HashSet<ulong> runs) => ((4 * runs.Count) + 4) / 5;

    /// <summary>The runs of each text of an example; special tokens stand between texts.</summary>
    private List<HashSet<ulong>> Runs(ExampleSet set, Example example)
    {
        var texts = new List<HashSet<ulong>>();
        var tokens = new List<int>(example.Length);
        foreach (var token in set.Tokens(example))
        {
            if (token == _tokenizer.ClsTokenId || token == _tokenizer.SepTokenId) EndText();
            else if (!_tokenizer.IsSpecial(token)) tokens.Add(token);
        }

        EndText();
        return texts;

        void EndText()
        {
            var runs = new HashSet<ulong>();
            if (tokens.Count is > 0 and < RunLength) runs.Add(Hash(tokens, 0, tokens.Count));
            for (var start = 0; start + RunLength <= tokens.Count; start++) runs.Add(Hash(tokens, start, RunLength));
            if (runs.Count > 0) texts.Add(runs);
            tokens.Clear();
        }
    }

    // The length goes in first: a short text as a whole is no run of a longer one.
    private static ulong Hash(List<int> tokens, int start, int length)
    {
        var hash = HashedNumbers.Mix((ulong)length);
        for (var i = start; i < start + length; i++) hash = HashedNumbers.Mix(hash ^ (uint)tokens[i]);
        return hash;
    }
}
