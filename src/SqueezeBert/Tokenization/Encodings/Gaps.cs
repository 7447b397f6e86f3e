using SqueezeBert.Tokenization.Unicode;
using SqueezeBert.Tokenization.Words;

namespace SqueezeBert.Tokenization.Encodings;

/// <summary>
/// What reads the text between two added tokens: in parts while no added token is in sight, so that nothing is read far ahead of what the
/// sink takes. Implementations are structs, so that the scanner is compiled for each.
/// </summary>
internal interface IGap
{
    /// <summary>
    /// Reads from <paramref name="from"/>, which it moves, as far as a cut changes nothing, at most to <paramref name="to"/>.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="from">Where the part before ended.</param>
    /// <param name="searched">No cut is looked for before this place: none was there.</param>
    /// <param name="to">Up to where no added token starts.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>False where the sink stopped the scan.</returns>
    bool Part(ReadOnlySpan<char> text, ref int from, int searched, int to, CancellationToken cancellationToken);

    /// <summary>Reads the rest of the gap; false where the sink stopped the scan.</summary>
    bool End(ReadOnlySpan<char> text, int from, int to, CancellationToken cancellationToken);

    /// <summary>Passes the token behind the gap on; false where the sink stopped the scan.</summary>
    bool AddedToken(int id, int start, int end);
}

/// <summary>A gap whose words are cut straight from the text.</summary>
internal ref struct PlainGap<TSink>(WordScanner words, PieceHandler<TSink> pieces, Scratch scratch) : IGap
    where TSink : struct, ITokenSink, allows ref struct
{
    private PieceHandler<TSink> _pieces = pieces;

    internal readonly TSink Sink => _pieces.Sink;

    public bool Part(ReadOnlySpan<char> text, ref int from, int searched, int to, CancellationToken cancellationToken)
    {
        var cut = words.FindLastCut(text, Math.Max(from, searched), to);
        if (cut <= from)
            return true;
        var start = from;
        from = cut;
        return words.Scan(text[..cut], start, ref _pieces, scratch, cancellationToken);
    }

    public bool End(ReadOnlySpan<char> text, int from, int to, CancellationToken cancellationToken) =>
        to <= from || words.Scan(text[..to], from, ref _pieces, scratch, cancellationToken);

    public bool AddedToken(int id, int start, int end) => _pieces.AddedToken(id, start, end);
}

/// <summary>A gap in whose normalized text more added tokens are looked for.</summary>
internal ref struct NormalizedGap<TSink>(
    NormalizedTokenFinder<TSink> finder, Normalizer normalizer, Normalizer.Settings settings) : IGap
    where TSink : struct, ITokenSink, allows ref struct
{
    private NormalizedTokenFinder<TSink> _finder = finder;
    private bool _begun;

    internal TSink Sink => _finder.Words.Handler.Sink;

    public bool Part(ReadOnlySpan<char> text, ref int from, int searched, int to, CancellationToken cancellationToken)
    {
        if (to < text.Length && char.IsLowSurrogate(text[to]) && to > 0 && char.IsHighSurrogate(text[to - 1]))
            to--;
        // White space may belong to the added token behind it, and then is no part of the gap.
        while (to > searched && to > from && UnicodeTables.IsWhiteSpace(text[to - 1]))
            to--;
        if (to <= from || to <= searched)
            return true;
        Begin();
        normalizer.Add(text, from, to, ref _finder, cancellationToken);
        from = to;
        return !_finder.IsStopped;
    }

    public bool End(ReadOnlySpan<char> text, int from, int to, CancellationToken cancellationToken)
    {
        if (to > from)
        {
            Begin();
            normalizer.Add(text, from, to, ref _finder, cancellationToken);
        }

        if (!_begun)
            return true;
        _begun = false;
        if (!_finder.IsStopped)
            normalizer.Finish(text, Math.Max(from, to), ref _finder, cancellationToken);
        return _finder.End();
    }

    public bool AddedToken(int id, int start, int end) => _finder.Words.Handler.AddedToken(id, start, end);

    private void Begin()
    {
        if (!_begun)
            normalizer.Begin(settings);
        _begun = true;
    }
}
