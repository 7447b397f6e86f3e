using SqueezeBert.Checkpoints;
using SqueezeBert.Files;
using SqueezeBert.Tokenization;
using SqueezeBert.Tokenization.Files;

namespace SqueezeBert.ModelFolders.Conversion;

/// <summary>
/// The tokenizer of a converted model. The files of the source are copied, and missing files are created from what was read. A vocab.txt
/// alone does not say whether text is converted to lower case. An option says so, or the fact that no token has a capital letter.
/// </summary>
internal sealed class TokenizerConversion
{
    private const int MaxBytes = 128 << 20;
    private readonly string _folder;
    private readonly string _casing = "";
    private readonly List<string> _files = [];

    /// <param name="folder">The folder of the source's tokenizer.</param>
    /// <param name="configuration">The configuration of the model.</param>
    /// <param name="options">The options of the conversion.</param>
    /// <param name="isRequired">Whether a model without a tokenizer is an error.</param>
    /// <exception cref="InvalidModelFileException">
    /// A file is damaged, contradicts an option, or lacks a value that no option gives.
    /// </exception>
    /// <exception cref="FileNotFoundException">There is no tokenizer, although one is required.</exception>
    public TokenizerConversion(string folder, ModelConfiguration configuration, ConversionOptions options, bool isRequired)
    {
        _folder = folder;
        var hasJson = Has(TokenizerFileNames.Tokenizer);
        if (!isRequired && !hasJson && !Has(TokenizerFileNames.Vocabulary)) return;
        var tokenizer = BertTokenizer.Load(folder);
        if (tokenizer.Vocabulary.Count > configuration.VocabularySize)
        {
            throw new InvalidModelFileException(folder, "field 'vocab_size'",
                $"is {configuration.VocabularySize}, but the tokenizer has {tokenizer.Vocabulary.Count} tokens: the vocabulary is " +
                    "another model's");
        }

        var saysCasing = hasJson ? TokenizerFileNames.Tokenizer : SaysCasing() ? TokenizerFileNames.Config : null;
        if (saysCasing is not null)
        {
            _casing = saysCasing;
            if (options.LowerCase is { } wanted && wanted != tokenizer.Options.LowerCase)
            {
                throw new InvalidModelFileException(Path.Combine(folder, saysCasing), null,
                    $"says {Casing(tokenizer.Options.LowerCase)}; {OptionName(wanted)} contradicts it");
            }

            if (hasJson) _files.Add(TokenizerFileNames.Tokenizer);
            if (Has(TokenizerFileNames.Config)) _files.Add(TokenizerFileNames.Config);
        }
        else
        {
            var lowerCase = options.LowerCase ?? IsLowerCase(tokenizer);
            _casing = options.LowerCase is null ? $"no piece of {TokenizerFileNames.Vocabulary} has a capital letter"
                : OptionName(lowerCase);
            var length = options.MaxLength ?? configuration.MaxPositionEmbeddings;
            tokenizer = BertTokenizer.Load(folder,
                tokenizer.Options with { LowerCase = lowerCase, ModelMaxLength = tokenizer.ModelMaxLength ?? length });
        }

        foreach (var name in (string[])[TokenizerFileNames.SpecialTokens, TokenizerFileNames.AddedTokens])
        {
            if (Has(name)) _files.Add(name);
        }

        Tokenizer = tokenizer;
    }

    /// <summary>The tokenizer, or null if the source has none.</summary>
    public BertTokenizer? Tokenizer { get; }

    public void AddOrigins(List<string> origins)
    {
        if (Tokenizer is null)
        {
            origins.Add($"tokenizer: none, as there is no {TokenizerFileNames.Tokenizer} or {TokenizerFileNames.Vocabulary} in {_folder}");
            return;
        }

        var copied = _files.Count == 0 ? "" : $" ({string.Join(", ", _files)} unchanged)";
        origins.Add($"tokenizer: {Path.Combine(_folder, Has(TokenizerFileNames.Tokenizer) ? TokenizerFileNames.Tokenizer
            : TokenizerFileNames.Vocabulary)}{copied}");
        origins.Add($"casing: {Casing(Tokenizer.Options.LowerCase)}; {_casing}");
    }

    public void WriteTo(string folder)
    {
        if (Tokenizer is null) return;
        Tokenizer.Save(folder);
        foreach (var name in _files)
        {
            var bytes = StrictJson.ReadFile(ModelPaths.FileIn(_folder, name), MaxBytes);
            AtomicFile.Write(Path.Combine(folder, name), stream => stream.Write(bytes));
        }
    }

    private static string Casing(bool isLower) => isLower ? "lower case" : "cased";

    private static string OptionName(bool isLower) => isLower ? "--lower-case" : "--cased";

    private bool Has(string name) => File.Exists(Path.Combine(_folder, name));

    private bool SaysCasing() => Has(TokenizerFileNames.Config)
        && StrictJson.ParseObject(StrictJson.ReadFile(ModelPaths.FileIn(_folder, TokenizerFileNames.Config), MaxBytes),
            Path.Combine(_folder, TokenizerFileNames.Config)).ContainsKey("do_lower_case");

    /// <summary>
    /// Returns whether text is converted to lower case. A vocabulary without capital letters is useful only for text in lower case. A
    /// capital letter without a small form (ℝ) remains when text is converted, so it is not considered.
    /// </summary>
    private bool IsLowerCase(BertTokenizer tokenizer)
    {
        var cased = tokenizer.ModelVocabulary.Tokens.FirstOrDefault(
            piece => piece is not null && !piece.StartsWith('[') && piece.Any(letter => char.ToLowerInvariant(letter) != letter));
        if (cased is null) return true;
        throw new InvalidModelFileException(Path.Combine(_folder, TokenizerFileNames.Vocabulary), null,
            $"has pieces with capital letters ('{cased}') and nothing beside it says whether text is made lower case; give --cased or " +
                "--lower-case");
    }
}
