namespace SqueezeBert.Tokenization.Files;

/// <summary>What the files of a tokenizer are called.</summary>
internal static class TokenizerFileNames
{
    internal const string Vocabulary = "vocab.txt";
    internal const string Tokenizer = "tokenizer.json";
    internal const string Config = "tokenizer_config.json";
    internal const string SpecialTokens = "special_tokens_map.json";
    internal const string AddedTokens = "added_tokens.json";
}
