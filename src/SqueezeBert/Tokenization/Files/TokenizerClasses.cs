using System.Text.Json;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.Tokenization.Files;

/// <summary>
/// Which of the reference's tokenizer classes cut text by BERT's rules. The files of the others can look the same, and to read them so
/// would give other tokens in silence.
/// </summary>
internal static class TokenizerClasses
{
    private static readonly HashSet<string> Bert = new(StringComparer.Ordinal)
    {
        "BertTokenizer", "DistilBertTokenizer", "MobileBertTokenizer", "SqueezeBertTokenizer", "ElectraTokenizer", "ConvBertTokenizer",
        "LxmertTokenizer", "LayoutLMTokenizer", "RetriBertTokenizer", "RealmTokenizer", "DPRQuestionEncoderTokenizer",
        "DPRContextEncoderTokenizer", "DPRReaderTokenizer",
    };

    /// <summary>Classes that are what their tokenizer.json says.</summary>
    private static readonly HashSet<string> AnyFile = new(StringComparer.Ordinal) { "PreTrainedTokenizer", "TokenizersBackend" };

    /// <summary>Refuses the class of another tokenizer.</summary>
    /// <param name="name">Of a tokenizer_config.json or config.json; null: not said.</param>
    /// <param name="hasTokenizerJson">Whether a tokenizer.json says how text is cut.</param>
    /// <param name="file">The name in the message.</param>
    internal static void Check(string? name, bool hasTokenizerJson, string file)
    {
        if (name is null)
            return;
        var plain = name.EndsWith("Fast", StringComparison.Ordinal) ? name[..^4] : name;
        if (Bert.Contains(plain) || (AnyFile.Contains(plain) && hasTokenizerJson))
            return;
        throw new InvalidModelFileException(file, "tokenizer_class",
            AnyFile.Contains(plain) ? $"A {name} is what its tokenizer.json says, which is not there."
                : $"This is a {name}; only the tokenizers of BERT and its relatives are supported.");
    }

    /// <summary>Refuses the fields with which the reference cuts text in another way than BERT's.</summary>
    internal static void CheckFields(JsonElement root, string file)
    {
        Only("word_tokenizer_type", "basic");
        Only("subword_tokenizer_type", "wordpiece");
        foreach (var (name, supported) in (ReadOnlySpan<(string, bool)>)[("do_word_tokenize", true), ("do_subword_tokenize", true),
            ("split_special_tokens", false)])
        {
            if (JsonFields.Boolean(root, name, file) == !supported)
                throw new InvalidModelFileException(file, name, $"It is {(supported ? "false" : "true")}, which is not supported.");
        }

        void Only(string name, string supported)
        {
            if (JsonFields.String(root, name, file) is { } value && value != supported)
                throw new InvalidModelFileException(file, name, $"It is '{value}'; only '{supported}' is supported.");
        }
    }
}
