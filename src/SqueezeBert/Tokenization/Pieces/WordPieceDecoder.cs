using System.Text;

namespace SqueezeBert.Tokenization.Pieces;

/// <summary>Joins tokens to a text. The clean-up is done token by token, as the reference's decoder does it.</summary>
internal sealed class WordPieceDecoder(string prefix, bool cleanUp)
{
    private readonly StringBuilder _text = new();
    private bool _any;

    /// <summary>Adds one token.</summary>
    internal void Append(string token)
    {
        var piece = token;
        if (_any)
            piece = prefix.Length > 0 && token.StartsWith(prefix, StringComparison.Ordinal) ? token[prefix.Length..] : " " + token;
        _any = true;
        _text.Append(cleanUp ? CleanUp(piece) : piece);
    }

    /// <summary>The text so far.</summary>
    public override string ToString() => _text.ToString();

    private static string CleanUp(string piece) =>
        piece.Length < 2 ? piece : piece
            .Replace(" .", ".", StringComparison.Ordinal)
            .Replace(" ?", "?", StringComparison.Ordinal)
            .Replace(" !", "!", StringComparison.Ordinal)
            .Replace(" ,", ",", StringComparison.Ordinal)
            .Replace(" ' ", "'", StringComparison.Ordinal)
            .Replace(" n't", "n't", StringComparison.Ordinal)
            .Replace(" 'm", "'m", StringComparison.Ordinal)
            .Replace(" do not", " don't", StringComparison.Ordinal)
            .Replace(" 's", "'s", StringComparison.Ordinal)
            .Replace(" 've", "'ve", StringComparison.Ordinal)
            .Replace(" 're", "'re", StringComparison.Ordinal);
}
