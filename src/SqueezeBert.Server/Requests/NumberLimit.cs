using SqueezeBert.Tokenization;

namespace SqueezeBert.Server.Requests;

/// <summary>
/// Limits the numbers of an answer before anything is computed for it: a short request can ask for gigabytes of them.
/// </summary>
internal static class NumberLimit
{
    /// <summary>[CLS] and [SEP].</summary>
    private const int Special = 2;

    /// <summary>Checks the hidden states of texts.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="pipeline">The model.</param>
    /// <param name="reading">How much is read; null as the host says.</param>
    /// <param name="options">The limits.</param>
    /// <param name="cancellationToken">The client has gone, or it takes too long.</param>
    /// <returns>How many there are at most.</returns>
    /// <exception cref="RequestException">There are too many.</exception>
    public static async Task<long> CheckStatesAsync(
        IReadOnlyCollection<string> texts, FeatureExtractor pipeline, ReadingOptions? reading, SqueezeBertServerOptions options,
        CancellationToken cancellationToken)
    {
        var hasWindows = (reading?.LongText ?? pipeline.Reading.LongText) == LongText.Windows;
        var most = hasWindows ? long.MaxValue : reading?.MaxLength ?? pipeline.MaxLength;
        var length = reading?.MaxCharacters ?? pipeline.Reading.MaxCharacters ?? int.MaxValue;

        // No token is shorter than a character, so ordinary texts need no count.
        var bound = texts.Sum(text => Math.Min(most, Special + Math.Min(text.Length, length))) * pipeline.Width;
        if (bound <= options.MaxNumbers) return bound;
        var count = await Task.Run(() => Count(texts, pipeline.Tokenizer, most, length, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
        return Check(count, pipeline.Width, "tokens", "components", options);
    }

    /// <summary>Checks the scores of masks.</summary>
    /// <param name="masks">The number of masks.</param>
    /// <param name="scores">The number of scores of each.</param>
    /// <param name="options">The limits.</param>
    /// <returns>How many there are at most.</returns>
    /// <exception cref="RequestException">There are too many.</exception>
    public static long CheckScores(long masks, int scores, SqueezeBertServerOptions options) =>
        Check(masks, scores, "masks", "scores", options);

    private static long Count(
        IReadOnlyCollection<string> texts, BertTokenizer tokenizer, long most, int length, CancellationToken cancellationToken) =>
        texts.Sum(text => Math.Min(
            most, Special + tokenizer.Count(text.AsSpan(0, Math.Min(text.Length, length)), cancellationToken)));

    private static long Check(long count, int each, string what, string ofEach, SqueezeBertServerOptions options)
    {
        if (count * each <= options.MaxNumbers) return count * each;
        throw new RequestException(
            Fault.TooLarge,
            $"the answer would have {count} {what} of {each} {ofEach}; {options.MaxNumbers} numbers are given (MaxNumbers): ask for less");
    }
}
