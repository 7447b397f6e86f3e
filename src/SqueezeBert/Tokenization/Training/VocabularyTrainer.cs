using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using SqueezeBert.Files;
using SqueezeBert.Tokenization.Files;
using SqueezeBert.Tokenization.Training;
using SqueezeBert.Tokenization.Words;

namespace SqueezeBert.Tokenization;

/// <summary>
/// Trains a WordPiece vocabulary like the WordPieceTrainer of Hugging Face. Words start as single characters, with "##" before all but the
/// first. The most frequent pair of adjacent pieces is joined into a new token until the vocabulary is full (byte-pair encoding, Sennrich
/// et al. 2016, with the notation of BERT). Among equally frequent pairs, the one with the lower ids comes first. The result depends only
/// on the counts of the words. It does not depend on the order of the texts, the number of threads or the machine.
/// </summary>
/// <remarks>Not thread-safe. Counting uses all cores by itself.</remarks>
public sealed class VocabularyTrainer
{
    private const int BlockLength = 1 << 20;

    private readonly VocabularyTrainerOptions _options;
    private readonly WordScanner _scanner;
    private readonly Dictionary<string, long> _counts = new(StringComparer.Ordinal);

    /// <summary>Creates a trainer without words.</summary>
    /// <param name="options">The options. Null uses the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">The size, the frequency or the alphabet limit is below 1.</exception>
    public VocabularyTrainer(VocabularyTrainerOptions? options = null)
    {
        _options = options ?? new VocabularyTrainerOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.Size, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.MinFrequency, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.AlphabetLimit, 1);
        var tokenizer = _options.Tokenizer;
        _scanner = new WordScanner(new Normalizer.Settings(
            tokenizer.CleanText, tokenizer.HandleChineseChars, tokenizer.StripAccents ?? tokenizer.LowerCase, tokenizer.LowerCase));
    }

    /// <summary>The number of distinct words so far.</summary>
    public int DistinctWords => _counts.Count;

    /// <summary>The number of words so far, including repetitions.</summary>
    public long TotalWords => _counts.Values.Sum();

    /// <summary>Adds the words of a text file.</summary>
    /// <param name="path">The path of a UTF-8 file.</param>
    /// <param name="cancellationToken">Cancels the call. The words that were counted until then are lost.</param>
    public void AddFile(string path, CancellationToken cancellationToken = default)
    {
        using var reader = new StreamReader(path, System.Text.Encoding.UTF8);
        Add(reader, cancellationToken);
    }

    /// <summary>Adds the words of a text.</summary>
    /// <param name="text">The text. It is read to its end and not closed.</param>
    /// <param name="cancellationToken">Cancels the call. The words that were counted until then are lost.</param>
    public void Add(TextReader text, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        Count(Blocks(text), static block => block, cancellationToken);
    }

    /// <summary>Adds the words of many texts.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="cancellationToken">Cancels the call. The words that were counted until then are lost.</param>
    public void Add(IEnumerable<string> texts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        Count(texts, static text => text.AsMemory(), cancellationToken);
    }

    /// <summary>Trains the vocabulary on the words that were added so far.</summary>
    /// <param name="progress">Receives the progress after about every hundredth of the vocabulary. Null reports nothing.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The tokens in the order of their ids: special tokens, characters, characters inside words, and joined pieces.</returns>
    /// <exception cref="ArgumentException">The size leaves no room for the special tokens and the characters.</exception>
    public IReadOnlyList<string> Train(IProgress<VocabularyTrainingProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        var words = new (string Word, long Count)[_counts.Count];
        var n = 0;
        foreach ((var word, var count) in _counts)
            words[n++] = (word, count);
        Array.Sort(words, static (a, b) => string.CompareOrdinal(a.Word, b.Word));
        return new PairMerger(_options, words, cancellationToken).Run(progress);
    }

    /// <summary>Writes a vocab.txt. The file is replaced as a whole.</summary>
    /// <param name="path">The path of the file.</param>
    /// <param name="vocabulary">The tokens in the order of their ids.</param>
    public static void Write(string path, IEnumerable<string> vocabulary)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(vocabulary);
        AtomicFile.WriteText(path, writer => VocabularyFile.Write(writer, vocabulary));
    }

    /// <summary>Cuts a text into blocks at line ends, at white space where lines are longer than a block.</summary>
    private static IEnumerable<ReadOnlyMemory<char>> Blocks(TextReader reader)
    {
        var rest = ReadOnlyMemory<char>.Empty;
        while (true)
        {
            // At least as much again, so that a text without white space is not copied over and over.
            var more = Math.Max(BlockLength, rest.Length);
            var block = new char[rest.Length + more];
            rest.CopyTo(block);
            var read = reader.ReadBlock(block, rest.Length, more);
            var text = block.AsMemory(0, rest.Length + read);
            if (read < more)
            {
                yield return text;
                yield break;
            }

            var end = text.Span.LastIndexOf('\n') + 1;
            if (end == 0)
                end = text.Span.LastIndexOfAny(' ', '\t', '\r') + 1;
            if (end > 0)
                yield return text[..end];
            rest = text[end..];
        }
    }

    private void Count<T>(IEnumerable<T> texts, Func<T, ReadOnlyMemory<char>> read, CancellationToken cancellationToken)
    {
        try
        {
            CountInParallel(texts, read, cancellationToken);
        }
        catch (AggregateException exception)
        {
            // What the source of the texts threw, such as a damaged file.
            ExceptionDispatchInfo.Throw(exception.InnerExceptions[0]);
        }
    }

    private void CountInParallel<T>(IEnumerable<T> texts, Func<T, ReadOnlyMemory<char>> read, CancellationToken cancellationToken)
    {
        var options = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.ForEach(
            texts,
            options,
            () => new WordCounter(_scanner, _options.Tokenizer.MaxInputCharsPerWord),
            (text, _, counter) =>
            {
                counter.Add(read(text).Span, cancellationToken);
                return counter;
            },
            counter =>
            {
                lock (_counts)
                {
                    foreach ((var word, var count) in counter.Counts)
                        CollectionsMarshal.GetValueRefOrAddDefault(_counts, word, out _) += count;
                }
            });
    }
}
