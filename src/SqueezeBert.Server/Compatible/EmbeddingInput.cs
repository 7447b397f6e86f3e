using System.Text.Json;
using SqueezeBert.Server.Models;
using SqueezeBert.Server.Requests;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Server.Compatible;

/// <summary>
/// The input of OpenAI's and text-embeddings-inference's routes: a text, a list of texts, the token ids of a text, or a list of those.
/// </summary>
internal sealed class EmbeddingInput
{
    /// <summary>More ids than a word has. A text that is cut this far behind what is read has the same ids in what is read.</summary>
    private const int WordIds = 256;

    private readonly IReadOnlyList<Item> _items;
    private readonly BertTokenizer _tokenizer;

    private EmbeddingInput(IReadOnlyList<Item> items, bool isBatch, BertTokenizer tokenizer) =>
        (_items, IsBatch, _tokenizer) = (items, isBatch, tokenizer);

    public int Count => _items.Count;

    /// <summary>Whether a list was given.</summary>
    public bool IsBatch { get; }

    /// <summary>Checks what was given without computing anything: token ids become text later, see <see cref="TextAsync"/>.</summary>
    /// <param name="element">What was given.</param>
    /// <param name="name">The field's name.</param>
    /// <param name="tokenizer">Whose ids they are.</param>
    /// <param name="options">The limits.</param>
    /// <param name="maxCount">The largest number of texts; null for that of most routes.</param>
    /// <exception cref="RequestException">It is something else, too much, or nothing.</exception>
    public static EmbeddingInput Of(
        JsonElement element, string name, BertTokenizer tokenizer, SqueezeBertServerOptions options, int? maxCount = null)
    {
        if (element.ValueKind != JsonValueKind.Array)
            return new EmbeddingInput([new Item(name, Text(element, name, options), null)], isBatch: false, tokenizer);
        if (element.GetArrayLength() == 0) throw new RequestException(Fault.Empty, $"`{name}` cannot be empty") { Field = name };
        if (element[0].ValueKind == JsonValueKind.Number)
            return new EmbeddingInput([new Item(name, null, Ids(element, name, tokenizer, options))], isBatch: false, tokenizer);
        CheckCount(element.GetArrayLength(), name, maxCount ?? options.MaxTexts);
        return new EmbeddingInput(
            [.. element.EnumerateArray().Select((item, i) => item.ValueKind == JsonValueKind.Array
                ? new Item($"{name}[{i}]", null, Ids(item, $"{name}[{i}]", tokenizer, options))
                : new Item($"{name}[{i}]", Text(item, $"{name}[{i}]", options), null))],
            isBatch: true, tokenizer);
    }

    /// <summary>Estimated tokens.</summary>
    /// <param name="length">The largest number that is read of a text; null for all.</param>
    public long Cost(int? length) => _items.Sum(item => item.Ids is { } ids
        ? Math.Min(ids.Length, length ?? long.MaxValue) : ModelQueue.Cost(item.Text!.Length, length));

    /// <summary>
    /// Returns a text, or that of token ids, without special tokens around it. Ids that the text would not get again belong to another
    /// tokenizer, and their vector would be that of something else. What is not read is not looked at.
    /// </summary>
    /// <param name="i">Which one.</param>
    /// <param name="length">The largest number of tokens that is read of a text; null for all.</param>
    /// <param name="cancellationToken">The client has gone, or it takes too long.</param>
    /// <exception cref="RequestException">The ids are not those of a text.</exception>
    public Task<string> TextAsync(int i, int? length, CancellationToken cancellationToken)
    {
        var (name, text, ids) = _items[i];
        return text is not null ? Task.FromResult(text) : Task.Run(() => Decode(ids!, name, length, cancellationToken), cancellationToken);
    }

    private string Decode(ReadOnlySpan<int> ids, string name, int? length, CancellationToken cancellationToken)
    {
        if (ids.Length > 0 && ids[0] == _tokenizer.ClsTokenId) ids = ids[1..];
        if (ids.Length > 0 && ids[^1] == _tokenizer.SepTokenId) ids = ids[..^1];
        var isCut = ids.Length - WordIds > length;
        if (isCut) ids = ids[..(length!.Value + WordIds)];
        var text = _tokenizer.Decode(ids, skipSpecialTokens: false, cleanUpTokenizationSpaces: false);
        var again = _tokenizer.Encode(text, new EncodingOptions { AddSpecialTokens = false }, cancellationToken).Ids;
        var read = isCut ? length!.Value : ids.Length;
        return again.Length >= read && (isCut || again.Length == read) && again[..read].SequenceEqual(ids[..read]) ? text
            : throw Fields.Wrong(name, $"{name} has token ids that are not those of a text by this model's tokenizer (see /tokenize)");
    }

    /// <exception cref="RequestException">There are more than are taken.</exception>
    public static void CheckCount(int count, string name, int limit)
    {
        if (count <= limit) return;
        throw new RequestException(Fault.TooLarge, $"batch size {count} > maximum allowed batch size {limit}") { Field = name };
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

    /// <summary>A text, or token ids.</summary>
    private sealed record Item(string Name, string? Text, int[]? Ids);
}
