using System.Globalization;
using SqueezeBert.Tokenization.AddedTokens;
using SqueezeBert.Tokenization.Encodings;
using SqueezeBert.Tokenization.Files;
using SqueezeBert.Tokenization.Pieces;
using SqueezeBert.Tokenization.Words;

namespace SqueezeBert.Tokenization;

/// <summary>
/// BERT's WordPiece tokenizer, token for token that of Hugging Face's fast tokenizer (tokenizers 0.23), whatever the string. Immutable and
/// safe for any number of threads. A lone surrogate counts as U+FFFD, which clean text drops.
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

    /// <summary>The options, with all added tokens (the special ones included).</summary>
    public BertTokenizerOptions Options { get; }

    /// <summary>Tokens and ids, added tokens included.</summary>
    public Vocabulary Vocabulary { get; }

    /// <summary>The id of words that the vocabulary cannot spell.</summary>
    public int UnknownTokenId { get; }

    /// <summary>
    /// The id of the token in front of a text; -1 where the tokenizer's file puts nothing around texts. Then texts are encoded without
    /// special tokens, whatever the options say, as the reference does.
    /// </summary>
    public int ClsTokenId { get; }

    /// <summary>The id of the token after each text; -1 as <see cref="ClsTokenId"/>.</summary>
    public int SepTokenId { get; }

    /// <summary>The id of the padding token, -1 where the vocabulary has none.</summary>
    public int PadTokenId { get; }

    /// <summary>The id of the mask token, -1 where the vocabulary has none.</summary>
    public int MaskTokenId { get; }

    /// <summary>The longest input of the model in tokens, special tokens included; null where the tokenizer's files do not say.</summary>
    public int? ModelMaxLength => Options.ModelMaxLength;

    /// <summary>The vocabulary without added tokens beyond it.</summary>
    internal Vocabulary ModelVocabulary { get; }

    /// <summary>Whether an id is that of a special token.</summary>
    /// <param name="id">Any id.</param>
    public bool IsSpecial(int id) => _specialIds.Contains(id);

    /// <summary>
    /// Writes the ids of a text into a span and reads no more of it than that takes. Allocates nothing on a thread that has seen a text.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="ids">Receives the ids; tokens that do not fit are cut off at the end (the special tokens stay).</param>
    /// <param name="truncated">Whether tokens were cut off.</param>
    /// <param name="addSpecialTokens">Whether [CLS] and [SEP] are put around the text.</param>
    /// <param name="cancellationToken">Stops the work; what <paramref name="ids"/> holds then is undefined.</param>
    /// <returns>The number of ids written.</returns>
    /// <exception cref="ArgumentException"><paramref name="ids"/> has no room for the special tokens.</exception>
    /// <exception cref="OperationCanceledException">The work was cancelled.</exception>
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
    /// The number of tokens of a text, without [CLS] and [SEP]. Allocates nothing on a thread that has seen a text.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <exception cref="OperationCanceledException">The work was cancelled.</exception>
    public int Count(ReadOnlySpan<char> text, CancellationToken cancellationToken = default) =>
        Count(text, int.MaxValue, cancellationToken);

    /// <summary>
    /// Text from ids, as the reference's decoder joins pieces: pieces inside a word without, all others with a space before them.
    /// </summary>
    /// <param name="ids">The ids; those that the vocabulary does not have are left out.</param>
    /// <param name="skipSpecialTokens">Whether special tokens, the unknown token among them, are left out (default true).</param>
    /// <param name="cleanUpTokenizationSpaces">Whether spaces before punctuation and in contractions go; null: as the tokenizer's options
    /// say.</param>
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
