using SqueezeBert.Tokenization;

namespace SqueezeBert.Tests.Tokenization.Training;

/// <summary>Vocabulary training: the merges of a plain twin, ties, limits, determinism.</summary>
public class VocabularyTrainerTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void TheMostFrequentPairIsJoinedFirst()
    {
        var vocabulary = Train(new() { Size = 24, MinFrequency = 2 }, "low low low lower lowest new newer newest");
        Assert.Equal(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "e", "l", "n", "o", "r", "s", "t", "w"], vocabulary.Take(13));
        Assert.Equal(["##e", "##o", "##r", "##s", "##t", "##w"], vocabulary.Skip(13).Take(6));
        // l ##o and ##o ##w stand 5 times, n ##e and ##e ##w 3 times, the rest at most twice: of equal pairs the lower ids are first.
        Assert.Equal(["lo", "low", "ne", "new", "##er"], vocabulary.Skip(19));
        Assert.Equal(23, Train(new() { Size = 24, MinFrequency = 3 }, "low low low lower lowest new newer newest").Count);
    }

    [Fact]
    public void TrainingEqualsThePlainTwin()
    {
        var random = new Random(11);
        for (var round = 0; round < 20; round++)
        {
            string[] texts = [.. Enumerable.Range(0, 40).Select(_ => string.Join(' ', Enumerable.Range(0, 12).Select(_ => Word())))];
            var options = new VocabularyTrainerOptions { Size = 120, MinFrequency = 1 + (round % 4) };
            var trainer = new VocabularyTrainer(options);
            trainer.Add(texts, Stop);
            Assert.Equal(Twin(texts, options), trainer.Train(null, Stop));
        }

        string Word() => new([.. Enumerable.Range(0, random.Next(1, 8)).Select(_ => "aaabc"[random.Next(5)])]);
    }

    [Fact]
    public void TheResultDoesNotDependOnHowTheTextComes()
    {
        string[] texts =
            [.. TokenizerFixtures.Rows("uncased.jsonl").Select(r => r.GetProperty("text").GetString()!.ReplaceLineEndings(" "))];
        var options = new VocabularyTrainerOptions { Size = 3000 };
        var whole = new VocabularyTrainer(options);
        whole.Add(new StringReader(string.Join('\n', texts)), Stop);
        var parts = new VocabularyTrainer(options);
        foreach (var text in texts.Reverse())
            parts.Add([text], Stop);
        Assert.Equal(whole.TotalWords, parts.TotalWords);
        Assert.Equal(whole.DistinctWords, parts.DistinctWords);
        var vocabulary = whole.Train(null, Stop);
        Assert.Equal(vocabulary, parts.Train(null, Stop));
        Assert.Equal(vocabulary.Count, vocabulary.Distinct(StringComparer.Ordinal).Count());

        var tokenizer = BertTokenizer.FromVocabulary(vocabulary);
        Assert.Equal([0, 1, 2, 3, 4],
            new[] { tokenizer.PadTokenId, tokenizer.UnknownTokenId, tokenizer.ClsTokenId, tokenizer.SepTokenId, tokenizer.MaskTokenId });
        Assert.DoesNotContain(tokenizer.UnknownTokenId, tokenizer.Encode("the quick brown fox").Ids.ToArray());
    }

    [Fact]
    public void BlocksOfALongTextLoseNoWord()
    {
        var text = string.Join(' ', Enumerable.Range(0, 500_000).Select(i => "word" + (i % 1000)));
        var trainer = new VocabularyTrainer();
        trainer.Add(new StringReader(text), Stop);
        Assert.Equal(500_000, trainer.TotalWords);
        Assert.Equal(1000, trainer.DistinctWords);
    }

    [Fact]
    public void RareCharactersAreLeftOut()
    {
        var vocabulary = Train(new() { Size = 100, AlphabetLimit = 2 }, "aa ab ab bb ba xa");
        Assert.DoesNotContain("x", vocabulary);
        Assert.Contains("ab", vocabulary);
    }

    [Fact]
    public void ASizeWithoutRoomForTheCharactersIsRefused()
    {
        var trainer = new VocabularyTrainer(new VocabularyTrainerOptions { Size = 8 });
        trainer.Add(["abcdef"], Stop);
        Assert.Contains("alphabet limit", Assert.Throws<ArgumentException>(() => trainer.Train(null, Stop)).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new VocabularyTrainer(new VocabularyTrainerOptions { Size = 0 }));
    }

    [Fact]
    public void TrainingIsCancelledAndReported()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        var trainer = new VocabularyTrainer();
        Assert.ThrowsAny<OperationCanceledException>(() => trainer.Add(["text text"], source.Token));
        trainer.Add(["text text"], Stop);
        Assert.ThrowsAny<OperationCanceledException>(() => trainer.Train(null, source.Token));
        var progress = new LastProgress();
        var vocabulary = trainer.Train(progress, Stop);
        Assert.Equal(vocabulary.Count, progress.Value.Tokens);
    }

    [Fact]
    public void TheVocabularyIsWrittenAsAWhole()
    {
        var folder = Directory.CreateTempSubdirectory("vocabulary").FullName;
        try
        {
            var file = Path.Combine(folder, "vocab.txt");
            var text = Path.Combine(folder, "text.txt");
            File.WriteAllText(text, "to be or not to be");
            var trainer = new VocabularyTrainer();
            trainer.AddFile(text, Stop);
            var vocabulary = trainer.Train(null, Stop);
            VocabularyTrainer.Write(file, vocabulary);
            Assert.Equal(vocabulary, File.ReadAllLines(file));
            Assert.Equal(2, Directory.GetFiles(folder).Length);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static IReadOnlyList<string> Train(VocabularyTrainerOptions options, string text)
    {
        var trainer = new VocabularyTrainer(options);
        trainer.Add([text], Stop);
        return trainer.Train(null, Stop);
    }

    /// <summary>The same algorithm, with all pairs counted anew before each merge.</summary>
    private static List<string> Twin(string[] texts, VocabularyTrainerOptions options)
    {
        var words = texts.SelectMany(t => t.Split(' ')).GroupBy(w => w).OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => (Count: g.Count(), Symbols: g.Key.Select((c, i) => (i > 0 ? "##" : "") + c).ToList())).ToList();
        List<string> tokens = [.. options.SpecialTokens];
        tokens.AddRange(texts.SelectMany(t => t).Where(c => c != ' ').Distinct().Order().Select(c => c.ToString()));
        tokens.AddRange(words.SelectMany(w => w.Symbols.Skip(1)).Distinct().Order(StringComparer.Ordinal));
        while (tokens.Count < options.Size)
        {
            var counts = new Dictionary<(int, int), int>();
            foreach ((var count, var symbols) in words)
            {
                for (var i = 1; i < symbols.Count; i++)
                {
                    var pair = (tokens.IndexOf(symbols[i - 1]), tokens.IndexOf(symbols[i]));
                    counts[pair] = counts.GetValueOrDefault(pair) + count;
                }
            }

            var best = counts.OrderByDescending(c => c.Value).ThenBy(c => c.Key).FirstOrDefault();
            if (best.Value < options.MinFrequency)
                break;
            string left = tokens[best.Key.Item1], right = tokens[best.Key.Item2];
            var joined = left + right[2..];
            if (!tokens.Contains(joined))
                tokens.Add(joined);
            foreach ((_, var symbols) in words)
            {
                for (var i = 0; i + 1 < symbols.Count; i++)
                {
                    if (symbols[i] == left && symbols[i + 1] == right)
                    {
                        symbols[i] = joined;
                        symbols.RemoveAt(i + 1);
                    }
                }
            }
        }

        return tokens;
    }

    private sealed class LastProgress : IProgress<VocabularyTrainingProgress>
    {
        internal VocabularyTrainingProgress Value { get; private set; }

        public void Report(VocabularyTrainingProgress value) => Value = value;
    }
}
