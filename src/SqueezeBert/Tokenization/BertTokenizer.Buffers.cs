using SqueezeBert.Tokenization.Encodings;

namespace SqueezeBert.Tokenization;

/// <content>Encodes texts and pairs into buffers of the caller.</content>
public sealed partial class BertTokenizer
{
    /// <summary>
    /// The tokens of a text with offsets and word numbers, without special tokens, into a buffer of the caller's, which is cleared first.
    /// With a limit they are the first ones of the unlimited result, and memory is bounded by the limit, whatever the text: the text is
    /// read up to the end of the last token (a word is read to its end, since that decides what it is) and a few thousand characters on.
    /// Allocates nothing once the buffer has seen as many tokens.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="tokens">Receives the tokens; left empty where the work is cancelled.</param>
    /// <param name="limit">Stops after so many.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    internal void Tokenize(
        ReadOnlySpan<char> text, TokenBuffer tokens, int limit = int.MaxValue, CancellationToken cancellationToken = default)
    {
        tokens.Clear();
        var isDone = false;
        try
        {
            var sink = new OffsetSink(tokens, limit);
            Scan(text, ref sink, cancellationToken);
            isDone = true;
        }
        finally
        {
            if (!isDone)
                tokens.Trim();
        }
    }

    /// <summary>
    /// The tokens of a pair of texts, of each no more than can be kept of it when the longer one is cut first, and one that says that there
    /// are more.
    /// </summary>
    /// <param name="text">The first text.</param>
    /// <param name="pair">The second text.</param>
    /// <param name="first">Receives the tokens of the first text.</param>
    /// <param name="second">Receives the tokens of the second text.</param>
    /// <param name="room">Tokens of both at most.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>Counts for <see cref="Windows.Split"/> with <see cref="Truncation.LongestFirst"/>, which divides the room by them as by the
    /// real ones. A count up to <paramref name="room"/> is the real one; two larger ones only say which text may have the odd token.
    /// </returns>
    internal (int First, int Second) TokenizePair(ReadOnlySpan<char> text, ReadOnlySpan<char> pair, TokenBuffer first, TokenBuffer second,
        int room, CancellationToken cancellationToken)
    {
        Tokenize(text, first, LimitOf(room), cancellationToken);
        Tokenize(pair, second, LimitOf(room), cancellationToken);
        return Compare(text, pair, first.Count, second.Count, room, cancellationToken);
    }

    /// <summary>Tokens to read of a text of which <paramref name="room"/> can be kept: one more says whether it is truncated.</summary>
    private static int LimitOf(int room) => Math.Min(room, int.MaxValue - 1) + 1;

    /// <summary>
    /// Makes counts up to a limit into what <see cref="TokenizePair"/> returns. The texts' real lengths matter only where both have more
    /// than the room, and only for an odd token of it.
    /// </summary>
    private (int First, int Second) Compare(
        ReadOnlySpan<char> text, ReadOnlySpan<char> pair, int first, int second, int room, CancellationToken cancellationToken) =>
        room % 2 == 1 && first > room && second > room && IsLonger(text, pair, LimitOf(room), cancellationToken)
            ? (first + 1, second)
            : (first, second);

    /// <summary>
    /// Whether a text has more tokens than another. Both are counted up to ever higher limits, so that the work is that of counting the
    /// shorter one, however long the other is.
    /// </summary>
    private bool IsLonger(ReadOnlySpan<char> text, ReadOnlySpan<char> other, int limit, CancellationToken cancellationToken)
    {
        while (true)
        {
            limit = (int)Math.Min(4L * limit, int.MaxValue);
            int count = Count(text, limit, cancellationToken), otherCount = Count(other, limit, cancellationToken);
            if (count < limit || otherCount < limit || limit == int.MaxValue)
                return count > otherCount;
        }
    }
}
