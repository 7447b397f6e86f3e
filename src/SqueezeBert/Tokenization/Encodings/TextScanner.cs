using SqueezeBert.Tokenization.AddedTokens;
using SqueezeBert.Tokenization.Pieces;
using SqueezeBert.Tokenization.Words;

namespace SqueezeBert.Tokenization.Encodings;

/// <summary>Text to tokens: added tokens, then words, then their pieces.</summary>
internal sealed class TextScanner
{
    private readonly WordPieceModel _model;
    private readonly WordScanner _words;
    private readonly AddedTokenMatcher _added;
    private readonly AddedTokenMatcher _addedNormalized;

    internal TextScanner(
        WordPieceModel model, in Normalizer.Settings settings, IReadOnlyCollection<AddedTokenMatcher.Pattern> addedTokens)
    {
        _model = model;
        _words = new WordScanner(settings);
        _added = new AddedTokenMatcher(addedTokens.Where(pattern => !pattern.Token.Normalized));
        _addedNormalized = new AddedTokenMatcher(addedTokens.Where(pattern => pattern.Token.Normalized));
    }

    /// <summary>Gives the tokens of <paramref name="text"/> to the sink, until it stops the scan.</summary>
    internal void Scan<TSink>(ReadOnlySpan<char> text, ref TSink sink, Scratch scratch)
        where TSink : struct, ITokenSink, allows ref struct
    {
        var pieces = new PieceHandler<TSink>(_model, scratch, sink);
        int done = 0, position = 0;
        var more = true;
        while (more && !_added.IsEmpty && _added.Next(text, ref position, done, out var start, out var end, out var id))
        {
            more = (start <= done || ScanGap(text, done, start, ref pieces, scratch)) && pieces.AddedToken(id, start, end);
            done = end;
        }

        if (more && done < text.Length)
            ScanGap(text, done, text.Length, ref pieces, scratch);
        sink = pieces.Sink;
    }

    private bool ScanGap<TSink>(ReadOnlySpan<char> text, int from, int to, ref PieceHandler<TSink> pieces, Scratch scratch)
        where TSink : struct, ITokenSink, allows ref struct
    {
        if (_addedNormalized.IsEmpty)
            return _words.Scan(text[..to], from, ref pieces, scratch);

        var normalized = scratch.Normalized;
        normalized.Clear();
        scratch.Normalizer.Normalize(text, from, to, _words.Settings, normalized);
        int done = 0, position = 0;
        while (_addedNormalized.Next(normalized.Characters, ref position, done, out var start, out var end, out var id))
        {
            if (!WordScanner.ScanNormalized(normalized, done, start, ref pieces)
                || !pieces.AddedToken(id, normalized.StartAt(start), normalized.EndAt(end - 1)))
                return false;
            done = end;
        }

        return WordScanner.ScanNormalized(normalized, done, normalized.Length, ref pieces);
    }
}
