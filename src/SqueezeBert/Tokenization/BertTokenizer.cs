using System.Globalization;
using SqueezeBert.Tokenization.AddedTokens;
using SqueezeBert.Tokenization.Encodings;
using SqueezeBert.Tokenization.Files;
using SqueezeBert.Tokenization.Pieces;
using SqueezeBert.Tokenization.Words;

namespace SqueezeBert.Tokenization;

/// <summary>
/// The WordPiece tokenizer of BERT. For every string it returns the same tokens as the fast tokenizer of Hugging Face (tokenizers 0.23).
/// Immutable and thread-safe. A lone surrogate is treated as U+FFFD, which <see cref="BertTokenizerOptions.CleanText"/> removes.
/// </summary>
public sealed partial class BertTokenizer
{
    private readonly TextScanner _scanner;
    private readonly HashSet<int> _specialIds = [];

    internal BertTokenizer(Vocabulary vocabulary, BertTokenizerOptions options, string source)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.MaxInputCharsPerWord);
        ModelVocabulary = vocabulary;
        var settings = new Normalizer.Settings(
            options.CleanText, options.HandleChineseChars, options.StripAccents ?? options.LowerCase, options.LowerCase);
        var added = SpecialTokens.Collect(vocabulary, options, source);
        var patterns = AddedTokenPatterns.Of(added, settings, source);
        Vocabulary = vocabulary.With([.. patterns.Select(pattern => (pattern.Token, Spelling(pattern)))]);
        Options = options with { AddedTokens = added.AsReadOnly() };
        UnknownTokenId = SpecialTokens.Required(ModelVocabulary, options.UnknownToken, "unknown", source);
        if (options.HasNoTemplate)
        {
            // Static embeddings have no use for them, and often a vocabulary without them.
            (ClsTokenId, SepTokenId) = (-1, -1);
        }
        else
        {
            ClsTokenId = SpecialTokens.Required(Vocabulary, options.ClsToken, "classification", source);
            SepTokenId = SpecialTokens.Required(Vocabulary, options.SepToken, "separator", source);
        }

        PadTokenId = Vocabulary.TryGetId(options.PadToken, out var pad) ? pad : -1;
        MaskTokenId = Vocabulary.TryGetId(options.MaskToken, out var mask) ? mask : -1;
        foreach (var token in added)
        {
            if (token.Special)
                _specialIds.Add(token.Id);
        }

        var model = new WordPieceModel(ModelVocabulary, options.ContinuingSubwordPrefix, UnknownTokenId,
            options.MaxInputCharsPerWord, source);
        _scanner = new TextScanner(model, settings, patterns);

        // A token that is found in the normalized text has that spelling; those that the tokenizer itself puts into a text do not.
        string Spelling(AddedTokenMatcher.Pattern pattern) =>
            pattern.Token.Content == options.UnknownToken || pattern.Token.Content == options.ClsToken
                || pattern.Token.Content == options.SepToken
                ? pattern.Token.Content
                : pattern.Text;
    }

    /// <summary>The options, including all added tokens and special tokens.</summary>
    public BertTokenizerOptions Options { get; }

    /// <summary>The tokens and their ids, including added tokens.</summary>
    public Vocabulary Vocabulary { get; }

    /// <summary>The id of the unknown token, which stands for words that the vocabulary cannot spell.</summary>
    public int UnknownTokenId { get; }

    /// <summary>
    /// The id of the token that is put before a text ([CLS]). It is -1 if the tokenizer's file adds no special tokens. Texts are then
    /// encoded without special tokens, whatever the options say, as in the reference.
    /// </summary>
    public int ClsTokenId { get; }

    /// <summary>The id of the token that is put after each text ([SEP]). It is -1 if the tokenizer's file adds no special tokens.</summary>
    public int SepTokenId { get; }

    /// <summary>The id of the padding token, or -1 if the vocabulary has none.</summary>
    public int PadTokenId { get; }

    /// <summary>The id of the mask token, or -1 if the vocabulary has none.</summary>
    public int MaskTokenId { get; }

    /// <summary>The longest input of the model in tokens, including special tokens. Null if the tokenizer's files do not give it.</summary>
    public int? ModelMaxLength => Options.ModelMaxLength;

    /// <summary>The vocabulary without added tokens beyond it.</summary>
    internal Vocabulary ModelVocabulary { get; }

    /// <summary>Returns whether an id is that of a special token.</summary>
    /// <param name="id">The token id. Any number is allowed.</param>
    public bool IsSpecial(int id) => _specialIds.Contains(id);

    /// <summary>
    /// Writes the token ids of a text into a span. Only as much of the text is read as fits into the span. Allocates nothing after the
    /// first text on a thread.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="ids">Receives the ids. Tokens that do not fit are cut off at the end; the special tokens are kept.</param>
    /// <param name="truncated">Receives whether tokens were cut off.</param>
    /// <param name="addSpecialTokens">Whether [CLS] and [SEP] are put around the text.</param>
    /// <param name="cancellationToken">Cancels the call. The content of <paramref name="ids"/> is then undefined.</param>
    /// <returns>The number of ids that were written.</returns>
    /// <exception cref="ArgumentException"><paramref name="ids"/> has no room for the special tokens.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    public int Encode(ReadOnlySpan<char> text, Span<int> ids, out bool truncated, bool addSpecialTokens = true,
        CancellationToken cancellationToken = default)
    {
        if (addSpecialTokens && ids.Length < 2)
            throw new ArgumentException("The span needs room for [CLS] and [SEP]: at least 2 ids, or addSpecialTokens: false.",
                nameof(ids));
        var sink = new SpanSink(addSpecialTokens ? ids[1..^1] : ids);
        Scan(text, ref sink, cancellationToken);
        truncated = sink.Truncated;
        var layout = new SequenceLayout(sink.Count, null, addSpecialTokens);
        WriteSpecialTokens(layout, ids);
        return layout.Length;
    }

    /// <summary>
    /// Returns the number of tokens of a text, without [CLS] and [SEP]. Allocates nothing after the first text on a thread.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    public int Count(ReadOnlySpan<char> text, CancellationToken cancellationToken = default) =>
        Count(text, int.MaxValue, cancellationToken);

    /// <summary>
    /// Converts ids back to text, like the decoder of the reference. Pieces inside a word are joined to the previous piece, and all other
    /// tokens are separated by a space.
    /// </summary>
    /// <param name="ids">The token ids. Ids that the vocabulary does not have are skipped.</param>
    /// <param name="skipSpecialTokens">Whether special tokens, including the unknown token, are skipped (default true).</param>
    /// <param name="cleanUpTokenizationSpaces">
    /// Whether spaces before punctuation and in contractions are removed. Null uses
    /// <see cref="BertTokenizerOptions.CleanUpTokenizationSpaces"/>.
    /// </param>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = true, bool? cleanUpTokenizationSpaces = null)
    {
        // Without a decoder the reference joins tokens with spaces, pieces inside a word too.
        var decoder = new WordPieceDecoder(
            Options.HasDecoder ? Options.ContinuingSubwordPrefix : "", cleanUpTokenizationSpaces ?? Options.CleanUpTokenizationSpaces);
        foreach (var id in ids)
        {
            if (Vocabulary.TryGetToken(id, out var token) && !(skipSpecialTokens && _specialIds.Contains(id)))
                decoder.Append(token);
        }

        return decoder.ToString();
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"BertTokenizer ({Vocabulary.Count} tokens, {(Options.LowerCase ? "uncased" : "cased")})");

    private void Scan<TSink>(ReadOnlySpan<char> text, ref TSink sink, CancellationToken cancellationToken)
        where TSink : struct, ITokenSink, allows ref struct
    {
        var scratch = Scratch.Current;
        try
        {
            _scanner.Scan(text, ref sink, scratch, cancellationToken);
        }
        finally
        {
            scratch.Trim();
        }
    }

    /// <summary>The number of tokens of a text; where it is not below <paramref name="limit"/>, there may be more.</summary>
    private int Count(ReadOnlySpan<char> text, int limit, CancellationToken cancellationToken)
    {
        var sink = new CountSink(limit);
        Scan(text, ref sink, cancellationToken);
        return sink.Count;
    }
}
