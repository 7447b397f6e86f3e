using System.Text.Json;
using SqueezeBert.Server.Requests;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Server.Compatible;

/// <summary>
/// The input of OpenAI's and text-embeddings-inference's routes: a text, a list of texts, the token ids of a text, or a list of those.
/// </summary>
internal sealed class EmbeddingInput
{
    private EmbeddingInput(IReadOnlyList<string> texts, bool isBatch) => (Texts, IsBatch) = (texts, isBatch);

    public IReadOnlyList<string> Texts { get; }

    /// <summary>Whether a list was given.</summary>
    public bool IsBatch { get; }

    /// <param name="element">What was given.</param>
    /// <param name="name">The field's name.</param>
    /// <param name="tokenizer">Whose ids they are.</param>
    /// <param name="options">The limits.</param>
    /// <exception cref="RequestException">It is something else, too much, or nothing.</exception>
    public static EmbeddingInput Of(JsonElement element, string name, BertTokenizer tokenizer, SqueezeBertServerOptions options)
    {
        if (element.ValueKind != JsonValueKind.Array) return new EmbeddingInput([Text(element, name, options)], isBatch: false);
        if (element.GetArrayLength() == 0) throw new RequestException(Fault.Empty, $"`{name}` cannot be empty") { Field = name };
        if (element[0].ValueKind == JsonValueKind.Number) return new EmbeddingInput([Decode(element, name, tokenizer, options)], false);
        CheckCount(element.GetArrayLength(), name, options);
        return new EmbeddingInput(
            [.. element.EnumerateArray().Select((item, i) => item.ValueKind == JsonValueKind.Array
                ? Decode(item, $"{name}[{i}]", tokenizer, options)
                : Text(item, $"{name}[{i}]", options))],
            isBatch: true);
    }

    /// <exception cref="RequestException">There are more than are taken.</exception>
    public static void CheckCount(int count, string name, SqueezeBertServerOptions options)
    {
        if (count <= options.MaxTexts) return;
        throw new RequestException(Fault.TooLarge, $"batch size {count} > maximum allowed batch size {options.MaxTexts}") { Field = name };
    }

    /// <exception cref="RequestException">It is no string, or longer than is taken.</exception>
    public static string Text(JsonElement element, string name, SqueezeBertServerOptions options) =>
        CheckLength(JsonTexts.Of(element, name), name, options);

    /// <exception cref="RequestException">It is longer than is taken.</exception>
    public static string CheckLength(string text, string name, SqueezeBertServerOptions options) => text.Length <= options.MaxCharacters
        ? text
        : throw new RequestException(
            Fault.TooLarge, $"{name} has {text.Length} characters; {options.MaxCharacters} are taken (MaxCharacters)")
        { Field = name };

    /// <summary>
    /// Returns the text of token ids, without special tokens around it. Ids that the text would not get again belong to another tokenizer,
    /// and their vector would be that of something else.
    /// </summary>
    private static string Decode(JsonElement element, string name, BertTokenizer tokenizer, SqueezeBertServerOptions options)
    {
        var ids = Ids(element, name, tokenizer, options).AsSpan();
        if (ids.Length > 0 && ids[0] == tokenizer.ClsTokenId) ids = ids[1..];
        if (ids.Length > 0 && ids[^1] == tokenizer.SepTokenId) ids = ids[..^1];
        var text = tokenizer.Decode(ids, skipSpecialTokens: false, cleanUpTokenizationSpaces: false);
        var again = tokenizer.Encode(text, new EncodingOptions { AddSpecialTokens = false });
        return again.Ids.SequenceEqual(ids) ? text
            : throw Fields.Wrong(name, $"{name} has token ids that are not those of a text by this model's tokenizer (see /tokenize)");
    }

    /// <exception cref="RequestException">There are other values than ids of the vocabulary.</exception>
    public static int[] Ids(JsonElement element, string name, BertTokenizer tokenizer, SqueezeBertServerOptions options)
    {
        if (element.ValueKind != JsonValueKind.Array) throw Fields.Wrong(name, $"{name} must be an array of token ids");
        var count = element.GetArrayLength();
        if (count == 0) throw new RequestException(Fault.Empty, $"`{name}` cannot be empty") { Field = name };
        if (count > options.MaxCharacters)
            throw new RequestException(Fault.TooLarge, $"{name} has {count} token ids; {options.MaxCharacters} are taken") { Field = name };
        var ids = new int[count];
        var i = 0;
        foreach (var item in element.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt32(out ids[i]) || ids[i] < 0
                || ids[i] >= tokenizer.Vocabulary.Count)
            {
                throw Fields.Wrong(
                    $"{name}[{i}]", $"{name}[{i}] must be a token id of the vocabulary, 0 to {tokenizer.Vocabulary.Count - 1}");
            }

            i++;
        }

        return ids;
    }
}
