using System.Globalization;
using System.Runtime.ExceptionServices;
using SqueezeBert.Tokenization.Encodings;
using SqueezeBert.Tokenization.Words;

namespace SqueezeBert.Tokenization;

/// <content>Encodes texts and pairs of texts.</content>
public sealed partial class BertTokenizer
{
    private static readonly EncodingOptions DefaultEncoding = new();

    /// <summary>Encodes a text as tokens.</summary>
    /// <param name="text">The text.</param>
    /// <param name="options">The options. Null uses the defaults.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="ArgumentException">
    /// The options cannot be satisfied: there is no room for the special tokens, the stride is negative or as long as a window, or the text
    /// is too long for <see cref="Truncation.Error"/>.
    /// </exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    public TextEncoding Encode(string text, EncodingOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return EncodeTexts(text, null, options ?? DefaultEncoding, cancellationToken);
    }

    /// <summary>Encodes a pair of texts as tokens.</summary>
    /// <param name="text">The first text.</param>
    /// <param name="pair">The second text.</param>
    /// <param name="options">The options. Null uses the defaults.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="ArgumentException">
    /// The options cannot be satisfied: there is no room for the special tokens, the stride is negative or as long as a window, or
    /// truncation would have to remove a whole text.
    /// </exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    public TextEncoding Encode(string text, string pair, EncodingOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(pair);
        return EncodeTexts(text, pair, options ?? DefaultEncoding, cancellationToken);
    }

    /// <summary>Encodes many texts, in parallel on all cores.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="options">The options. Null uses the defaults.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>One encoding per text, in the order of the texts.</returns>
    /// <exception cref="ArgumentException">The options cannot be satisfied for one of the texts.</exception>
    public IReadOnlyList<TextEncoding> EncodeBatch(IReadOnlyList<string> texts, EncodingOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return EncodeAll(texts.Count, i => Encode(texts[i], options, cancellationToken), cancellationToken);
    }

    /// <summary>Encodes many pairs of texts, in parallel on all cores.</summary>
    /// <param name="pairs">The pairs.</param>
    /// <param name="options">The options. Null uses the defaults.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>One encoding per pair, in the order of the pairs.</returns>
    /// <exception cref="ArgumentException">The options cannot be satisfied for one of the pairs.</exception>
    public IReadOnlyList<TextEncoding> EncodeBatch(
        IReadOnlyList<(string Text, string Pair)> pairs, EncodingOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        return EncodeAll(pairs.Count, i => Encode(pairs[i].Text, pairs[i].Pair, options, cancellationToken), cancellationToken);
    }

    private static TextEncoding[] EncodeAll(int count, Func<int, TextEncoding> encode, CancellationToken cancellationToken)
    {
        var encodings = new TextEncoding[count];
        var parallel = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount };
        try
        {
            Parallel.For(0, count, parallel, i => encodings[i] = encode(i));
        }
        catch (AggregateException exception)
        {
            ExceptionDispatchInfo.Throw(exception.InnerExceptions[0]);
        }

        return encodings;
    }

    private TextEncoding EncodeTexts(string text, string? pair, EncodingOptions options, CancellationToken cancellationToken)
    {
        if (ClsTokenId < 0 && options.AddSpecialTokens) options = options with { AddSpecialTokens = false };
        var room = Room(options, pair is null ? SequenceLayout.SpecialTokensOfText : SequenceLayout.SpecialTokensOfPair);
        // Without the other windows, no more of a text is needed than fits.
        var limit = room is { } most && !options.ReturnOverflowing && options.TruncationDirection == TruncationDirection.Right
            ? LimitOf(most) : int.MaxValue;
        var scratch = Scratch.Current;
        try
        {
            var first = Collect(text, scratch.First, options, limit, cancellationToken);
            var second = pair is null ? null : Collect(pair, scratch.Second, options, limit, cancellationToken);
            (var keptFirst, var keptSecond) = room is { } fitting
                ? Split(text, first.Count, pair, second?.Count, fitting, limit, options.Truncation, cancellationToken)
                : (first.Count, second?.Count ?? 0);
            return keptFirst == first.Count && (second is null || keptSecond == second.Count)
                ? Assemble(first, (0, first.Count), second, (0, second?.Count ?? 0), options, [], false)
                : Truncate(first, keptFirst, second, keptSecond, options);
        }
        finally
        {
            scratch.TrimTokens();
        }
    }

    /// <summary>
    /// <see cref="Windows.Split"/> with counts up to <paramref name="limit"/>: counts on where the result or the exception depends on more.
    /// </summary>
    private (int First, int Second) Split(string text, int first, string? pair, int? second, int room, int limit, Truncation truncation,
        CancellationToken cancellationToken)
    {
        if (limit == int.MaxValue)
            return Windows.Split(first, second, room, truncation);
        if (pair is not null && truncation == Truncation.LongestFirst)
        {
            (var a, var b) = Compare(text, pair, first, second!.Value, room, cancellationToken);
            return Windows.Split(a, b, room, truncation);
        }

        // The counts are in the exception's message.
        return Windows.CanSplit(first, second, room, truncation)
            ? Windows.Split(first, second, room, truncation)
            : Windows.Split(Count(text, cancellationToken), pair is null ? null : Count(pair, cancellationToken), room, truncation);
    }

    private TextEncoding Truncate(TokenBuffer first, int keptFirst, TokenBuffer? second, int keptSecond, EncodingOptions options)
    {
        var all = options.ReturnOverflowing;
        var firstWindows = Windows.Cover(first.Count, keptFirst, options.Stride, options.TruncationDirection, all);
        var secondWindows = second is null
            ? [(0, 0)]
            : Windows.Cover(second.Count, keptSecond, options.Stride, options.TruncationDirection, all);
        var overflowing = new List<TextEncoding>();
        if (all)
        {
            // The reference's order: each other window of the first text with every one of the second, then the first window with the
            // others of the second.
            for (var a = 1; a < firstWindows.Count; a++)
            {
                foreach (var b in secondWindows)
                    overflowing.Add(Assemble(first, firstWindows[a], second, b, options, [], true));
            }

            for (var b = 1; b < secondWindows.Count; b++)
                overflowing.Add(Assemble(first, firstWindows[0], second, secondWindows[b], options, [], true));
        }

        return Assemble(first, firstWindows[0], second, secondWindows[0], options, overflowing.AsReadOnly(), true);
    }

    private static int? Room(EncodingOptions options, int specialTokens)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.Stride);
        if (options.MaxLength is not { } maxLength || options.Truncation == Truncation.None)
            return null;
        var room = maxLength - (options.AddSpecialTokens ? specialTokens : 0);
        if (room < 0)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"MaxLength is {maxLength}, less than the {specialTokens} special tokens; raise it or set AddSpecialTokens to false."));
        }

        if (options.Stride > 0 && options.Stride >= room)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"A stride of {options.Stride} needs windows of more tokens than that, but {room} tokens fit beside the special ones; " +
                    $"lower Stride or raise MaxLength."));
        }

        return room;
    }

    private TokenBuffer Collect(string text, TokenBuffer buffer, EncodingOptions options, int limit, CancellationToken cancellationToken)
    {
        buffer.Clear();
        if (options.ReturnOffsets)
        {
            var sink = new OffsetSink(buffer, limit);
            Scan(text, ref sink, cancellationToken);
        }
        else
        {
            var sink = new IdSink(buffer, limit);
            Scan(text, ref sink, cancellationToken);
        }

        return buffer;
    }

    /// <summary>
    /// Writes the sequence that a model reads: the tokens of a text or a pair and, where the layout has them, the special tokens around
    /// them.
    /// </summary>
    /// <param name="layout">How many tokens of which text.</param>
    /// <param name="first">The tokens of the first text.</param>
    /// <param name="second">Those of the second; empty where there is none.</param>
    /// <param name="ids">As long as the layout.</param>
    internal void WriteSequence(in SequenceLayout layout, ReadOnlySpan<int> first, ReadOnlySpan<int> second, Span<int> ids)
    {
        first.CopyTo(ids[layout.FirstStart..]);
        second.CopyTo(ids[layout.SecondStart..]);
        WriteSpecialTokens(layout, ids);
    }

    /// <summary>Writes the special tokens of a sequence whose other tokens are in place.</summary>
    private void WriteSpecialTokens(in SequenceLayout layout, Span<int> ids)
    {
        if (!layout.Special) return;
        if (ClsTokenId < 0)
        {
            throw new InvalidOperationException(
                $"the tokenizer puts no {Options.ClsToken} and {Options.SepToken} around texts; encode without special tokens");
        }

        ids[0] = ClsTokenId;
        ids[layout.SecondStart - 1] = SepTokenId;
        ids[layout.Length - 1] = SepTokenId;
    }

    private TextEncoding Assemble(
        TokenBuffer first, (int Start, int End) a, TokenBuffer? second, (int Start, int End) b, EncodingOptions options,
        IReadOnlyList<TextEncoding> overflowing, bool truncated)
    {
        var layout = new SequenceLayout(a.End - a.Start, second is null ? null : b.End - b.Start, options.AddSpecialTokens);
        var ids = new int[layout.Length];
        WriteSequence(layout, first.Ids[a.Start..a.End], second is null ? [] : second.Ids[b.Start..b.End], ids);
        return new TextEncoding(Vocabulary, ids, options.ReturnOffsets ? Scratch.Current.PackPlaces(first, a, second, b) : null, layout,
            overflowing, truncated);
    }
}
