using System.Globalization;
using System.Text.Json;

namespace SqueezeBert.Tokenization.Files;

/// <summary>Writes a tokenizer as the reference's files, so that transformers loads it as it is.</summary>
internal static class TokenizerJsonWriter
{
    internal static void WriteSpecialTokens(Utf8JsonWriter json, BertTokenizer tokenizer)
    {
        json.WriteStartObject();
        WriteNames(json, tokenizer);
        json.WriteEndObject();
    }

    internal static void WriteConfig(Utf8JsonWriter json, BertTokenizer tokenizer)
    {
        var options = tokenizer.Options;
        json.WriteStartObject();
        json.WriteStartObject("added_tokens_decoder");
        foreach (var token in options.AddedTokens)
        {
            json.WriteStartObject(token.Id.ToString(CultureInfo.InvariantCulture));
            WriteProperties(json, token);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        // The decoder of tokenizer.json cleans up; a second pass over the whole text would join more than the reference does.
        json.WriteBoolean("clean_up_tokenization_spaces", false);
        json.WriteBoolean("do_lower_case", options.LowerCase);
        if (options.ModelMaxLength is { } length)
            json.WriteNumber("model_max_length", length);
        if (options.StripAccents is { } strip)
            json.WriteBoolean("strip_accents", strip);
        else
            json.WriteNull("strip_accents");
        json.WriteBoolean("tokenize_chinese_chars", options.HandleChineseChars);
        json.WriteString("tokenizer_class", "BertTokenizer");
        WriteNames(json, tokenizer);
        json.WriteEndObject();
    }

    /// <param name="json">Receives the file.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="tokens">Its vocabulary, as <see cref="SavedVocabulary"/> has it.</param>
    internal static void WriteTokenizer(Utf8JsonWriter json, BertTokenizer tokenizer, IReadOnlyList<string?> tokens)
    {
        var options = tokenizer.Options;
        json.WriteStartObject();
        json.WriteString("version", "1.0");
        json.WriteNull("truncation");
        json.WriteNull("padding");
        json.WriteStartArray("added_tokens");
        foreach (var token in options.AddedTokens)
        {
            json.WriteStartObject();
            json.WriteNumber("id", token.Id);
            WriteProperties(json, token);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartObject("normalizer");
        json.WriteString("type", "BertNormalizer");
        json.WriteBoolean("clean_text", options.CleanText);
        json.WriteBoolean("handle_chinese_chars", options.HandleChineseChars);
        if (options.StripAccents is { } strip)
            json.WriteBoolean("strip_accents", strip);
        else
            json.WriteNull("strip_accents");
        json.WriteBoolean("lowercase", options.LowerCase);
        json.WriteEndObject();
        json.WriteStartObject("pre_tokenizer");
        json.WriteString("type", "BertPreTokenizer");
        json.WriteEndObject();
        WritePostProcessor(json, tokenizer);
        if (options.HasDecoder)
        {
            json.WriteStartObject("decoder");
            json.WriteString("type", "WordPiece");
            json.WriteString("prefix", options.ContinuingSubwordPrefix);
            json.WriteBoolean("cleanup", options.CleanUpTokenizationSpaces);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("decoder");
        }

        json.WriteStartObject("model");
        json.WriteString("type", "WordPiece");
        json.WriteString("unk_token", options.UnknownToken);
        json.WriteString("continuing_subword_prefix", options.ContinuingSubwordPrefix);
        json.WriteNumber("max_input_chars_per_word", options.MaxInputCharsPerWord);
        json.WriteStartObject("vocab");
        for (var id = 0; id < tokens.Count; id++)
        {
            // Of equal tokens only the last counts.
            if (tokens[id] is { } token && (!tokenizer.ModelVocabulary.TryGetId(token, out var last) || last == id))
                json.WriteNumber(token, id);
        }

        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteNames(Utf8JsonWriter json, BertTokenizer tokenizer)
    {
        var options = tokenizer.Options;
        json.WriteString("cls_token", options.ClsToken);
        // A token that the vocabulary lacks must not be named: transformers would add it and give it a new id.
        if (tokenizer.MaskTokenId >= 0)
            json.WriteString("mask_token", options.MaskToken);
        if (tokenizer.PadTokenId >= 0)
            json.WriteString("pad_token", options.PadToken);
        json.WriteString("sep_token", options.SepToken);
        json.WriteString("unk_token", options.UnknownToken);
    }

    private static void WriteProperties(Utf8JsonWriter json, AddedToken token)
    {
        json.WriteString("content", token.Content);
        json.WriteBoolean("single_word", token.SingleWord);
        json.WriteBoolean("lstrip", token.LStrip);
        json.WriteBoolean("rstrip", token.RStrip);
        json.WriteBoolean("normalized", token.Normalized);
        json.WriteBoolean("special", token.Special);
    }

    private static void WritePostProcessor(Utf8JsonWriter json, BertTokenizer tokenizer)
    {
        if (tokenizer.ClsTokenId < 0)
        {
            json.WriteNull("post_processor");
            return;
        }

        string cls = tokenizer.Options.ClsToken, sep = tokenizer.Options.SepToken;
        json.WriteStartObject("post_processor");
        json.WriteString("type", "TemplateProcessing");
        json.WriteStartArray("single");
        Piece("SpecialToken", cls, 0);
        Piece("Sequence", "A", 0);
        Piece("SpecialToken", sep, 0);
        json.WriteEndArray();
        json.WriteStartArray("pair");
        Piece("SpecialToken", cls, 0);
        Piece("Sequence", "A", 0);
        Piece("SpecialToken", sep, 0);
        Piece("Sequence", "B", 1);
        Piece("SpecialToken", sep, 1);
        json.WriteEndArray();
        json.WriteStartObject("special_tokens");
        Special(cls, tokenizer.ClsTokenId);
        if (sep != cls)
            Special(sep, tokenizer.SepTokenId);
        json.WriteEndObject();
        json.WriteEndObject();

        void Piece(string kind, string id, int type)
        {
            json.WriteStartObject();
            json.WriteStartObject(kind);
            json.WriteString("id", id);
            json.WriteNumber("type_id", type);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        void Special(string token, int id)
        {
            json.WriteStartObject(token);
            json.WriteString("id", token);
            json.WriteStartArray("ids");
            json.WriteNumberValue(id);
            json.WriteEndArray();
            json.WriteStartArray("tokens");
            json.WriteStringValue(token);
            json.WriteEndArray();
            json.WriteEndObject();
        }
    }
}
