using System.Text.Json;
using SqueezeBert.Checkpoints;
using SqueezeBert.Files;

namespace SqueezeBert.Tokenization.Files;

/// <summary>
/// What the files of a folder beside tokenizer.json or vocab.txt add to it. A tokenizer.json decides how text is cut and wrapped; the
/// others name special and added tokens.
/// </summary>
internal static class FolderTokenizer
{
    private const string ModelConfigurationName = "config.json";

    /// <param name="files">The folder's files.</param>
    /// <param name="vocabulary">Of its tokenizer.json or vocab.txt.</param>
    /// <param name="options">Of its tokenizer.json; null: it has none.</param>
    internal static BertTokenizerOptions Configure(ModelFiles files, Vocabulary vocabulary, BertTokenizerOptions? options)
    {
        var file = files.PathOf(TokenizerFileNames.Config);
        var config = files.Has(TokenizerFileNames.Config)
            ? TokenizerConfigReader.Parse(files.Read(TokenizerFileNames.Config, JsonFields.MaxBytes), file) : new TokenizerConfig();
        CheckClass(files, config, options is not null);
        var mapFile = files.PathOf(TokenizerFileNames.SpecialTokens);
        var hasMap = files.Has(TokenizerFileNames.SpecialTokens);
        var tokens = new AddedTokenList(vocabulary);
        foreach (var token in options?.AddedTokens ?? []) tokens.Add(token, files.PathOf(TokenizerFileNames.Tokenizer));
        if (config.Decoder is { } decoder)
        {
            foreach (var token in decoder) tokens.Add(token, file);
        }
        else
        {
            if (hasMap)
            {
                config = config.With(
                    TokenizerConfigReader.Parse(files.Read(TokenizerFileNames.SpecialTokens, JsonFields.MaxBytes), mapFile));
            }

            AddOldTokens(files, config, tokens);
        }

        foreach (var token in config.Named.Values)
        {
            // The reference gives a name that the vocabulary lacks a new id, for which the model has no row of its own.
            if (token is not null && !tokens.Contains(token.Content) && tokens.Knows(token.Content)) tokens.Add(token, file);
            if (token is not null) tokens.MarkSpecial(token.Content);
        }

        foreach (var token in config.Extra)
        {
            if (!tokens.Contains(token.Content)) tokens.Add(token, file);
        }

        var configured = options is null ? FromNames(config, file) : OverTokenizerJson(options, config, file);
        return configured with
        {
            AddedTokens = tokens.Tokens,
            ModelMaxLength = config.ModelMaxLength ?? configured.ModelMaxLength,
            PadToken = config.Named.GetValueOrDefault("pad_token")?.Content ?? configured.PadToken,
            MaskToken = config.Named.GetValueOrDefault("mask_token")?.Content ?? configured.MaskToken,
        };
    }

    /// <summary>A tokenizer_config.json that does not name its class leaves that to config.json.</summary>
    private static void CheckClass(ModelFiles files, TokenizerConfig config, bool hasTokenizerJson)
    {
        var (name, file) = (config.TokenizerClass, files.PathOf(TokenizerFileNames.Config));
        if (name is null)
        {
            file = files.PathOf(ModelConfigurationName);
            if (!files.Has(ModelConfigurationName))
                return;
            name = JsonFields.Parse(files.Read(ModelConfigurationName, JsonFields.MaxBytes), file,
                root => root.ValueKind == JsonValueKind.Object ? JsonFields.String(root, "tokenizer_class", file) : null);
        }

        TokenizerClasses.Check(name, hasTokenizerJson, file);
    }

    private static void AddOldTokens(ModelFiles files, TokenizerConfig config, AddedTokenList tokens)
    {
        var file = files.PathOf(TokenizerFileNames.AddedTokens);
        if (!files.Has(TokenizerFileNames.AddedTokens))
            return;
        var special = config.Named.Values.Concat(config.Extra).OfType<AddedToken>().Select(token => token.Content)
            .ToHashSet(StringComparer.Ordinal);
        foreach (var token in JsonFields.Parse(
            files.Read(TokenizerFileNames.AddedTokens, JsonFields.MaxBytes), file, root => AddedTokenReader.FromIds(root, special, file)))
        {
            // What tokenizer.json says of a token is newer.
            if (!tokens.Contains(token.Content)) tokens.Add(token, file);
        }
    }

    private static BertTokenizerOptions FromNames(TokenizerConfig config, string file)
    {
        var defaults = new BertTokenizerOptions();
        return defaults with
        {
            LowerCase = config.LowerCase ?? defaults.LowerCase,
            StripAccents = config.StripAccents,
            HandleChineseChars = config.HandleChineseChars ?? defaults.HandleChineseChars,
            UnknownToken = Name("unk_token", defaults.UnknownToken),
            ClsToken = Name("cls_token", defaults.ClsToken),
            SepToken = Name("sep_token", defaults.SepToken),
            PadToken = Name("pad_token", defaults.PadToken),
            MaskToken = Name("mask_token", defaults.MaskToken),
        };

        string Name(string field, string missing) => !config.Named.TryGetValue(field, out var token) ? missing
            : token?.Content ?? throw new InvalidModelFileException(file, field, "It is null; name the token or leave the field out.");
    }

    private static BertTokenizerOptions OverTokenizerJson(BertTokenizerOptions options, TokenizerConfig config, string file)
    {
        var hasNormalizer = options is not { CleanText: false, HandleChineseChars: false, StripAccents: false, LowerCase: false };
        if (!hasNormalizer && (config.LowerCase ?? config.StripAccents ?? config.HandleChineseChars ?? false))
        {
            throw new InvalidModelFileException(file, null,
                $"It asks for a normalization (\"do_lower_case\", …) and {TokenizerFileNames.Tokenizer} has none; make them agree.");
        }

        return options with
        {
            FindsListedTokensOnly = false,
            LowerCase = config.LowerCase ?? options.LowerCase,
            StripAccents = config.SaysStripAccents ? config.StripAccents : options.StripAccents,
            HandleChineseChars = config.HandleChineseChars ?? options.HandleChineseChars,
        };
    }
}
