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
    private readonly int _longestNormalized;

    internal TextScanner(
        WordPieceModel model, in Normalizer.Settings settings, IReadOnlyCollection<AddedTokenMatcher.Pattern> addedTokens)
    {
        _model = model;
        _words = new WordScanner(settings);
        _added = new AddedTokenMatcher(addedTokens.Where(pattern => !pattern.Token.Normalized));
        _addedNormalized = new AddedTokenMatcher(addedTokens.Where(pattern => pattern.Token.Normalized));
        _longestNormalized = _addedNormalized.Longest;
    }

    /// <summary>Gives the tokens of <paramref name="text"/> to the sink, until it stops the scan.</summary>
    internal void Scan<TSink>(ReadOnlySpan<char> text, ref TSink sink, Scratch scratch, CancellationToken cancellationToken = default)
        where TSink : struct, ITokenSink, allows ref struct
    {
        var pieces = new PieceHandler<TSink>(_model, scratch, sink);
        if (_addedNormalized.IsEmpty)
        {
            var gap = new PlainGap<TSink>(_words, pieces, scratch);
            Scan(text, ref gap, cancellationToken);
            sink = gap.Sink;
        }
        else
        {
            var finder = new NormalizedTokenFinder<TSink>(_addedNormalized, _longestNormalized, pieces, scratch);
            var gap = new NormalizedGap<TSink>(finder, scratch.Normalizer, _words.Settings);
            Scan(text, ref gap, cancellationToken);
            sink = gap.Sink;
        }
    }

    private void Scan<TGap>(ReadOnlySpan<char> text, ref TGap gap, CancellationToken cancellationToken)
        where TGap : struct, IGap, allows ref struct
    {
        // The end of the last added token, up to where the gap behind it was read, and from where to look for the next one.
        int floor = 0, done = 0, position = 0;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var searched = position;
            var stop = position + Math.Min(text.Length - position, WordScanner.CheckInterval);
            if (_added.Next(text, ref position, stop, floor, out var start, out var end, out var id, cancellationToken))
            {
                if (!gap.End(text, done, start, cancellationToken) || !gap.AddedToken(id, start, end))
                    return;
                done = floor = end;
            }
            else if (position >= text.Length)
            {
                gap.End(text, done, text.Length, cancellationToken);
                return;
            }
            else if (!gap.Part(text, ref done, searched, position, cancellationToken))
            {
                return;
            }
        }
    }
}
