using Microsoft.Extensions.AI;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.Extensions.AI.Vectors;

/// <summary>Vectors of records and queries: those that are there, and those that are made of texts, all of a batch at once.</summary>
internal sealed class RecordEmbedding(RecordModel model, ExactVectorStoreOptions options)
{
    /// <summary>Of each record the vectors, by the number of their property.</summary>
    public async Task<StoredVector?[][]> OfRecordsAsync(IReadOnlyList<object> records, CancellationToken cancellationToken)
    {
        var vectors = new StoredVector?[records.Count][];
        for (var i = 0; i < vectors.Length; i++) vectors[i] = new StoredVector?[model.Vectors.Count];
        foreach (var (number, property) in model.Vectors.Index())
        {
            if (!property.IsText)
            {
                for (var i = 0; i < vectors.Length; i++) vectors[i][number] = property.VectorOf(property.Get(records[i]));
                continue;
            }

            // A record without a text has no vector, and is never found by one.
            List<(int Index, string Text)> texts = [];
            for (var i = 0; i < vectors.Length; i++)
            {
                if (property.Get(records[i]) is string text) texts.Add((i, text));
            }

            if (texts.Count == 0) continue;
            var made = await property.Generator!.GenerateAsync(
                texts.Select(one => one.Text).ToList(), Options(DocumentPrompt(property.Generator!)), cancellationToken)
                .ConfigureAwait(false);
            for (var i = 0; i < texts.Count; i++) vectors[texts[i].Index][number] = new StoredVector(made[i].Vector.Span, property);
        }

        return vectors;
    }

    /// <summary>The vector of what is searched for.</summary>
    /// <exception cref="NotSupportedException">It is no vector, and no text that can be embedded.</exception>
    public async Task<StoredVector> OfQueryAsync(object value, VectorProperty property, CancellationToken cancellationToken)
    {
        if (value is not string text)
        {
            return property.VectorOf(value) ??
                throw new ArgumentException("the vector that is searched for has no components", nameof(value));
        }

        var generator = property.Generator ?? throw new NotSupportedException(
            $"a text is searched for, and nothing makes a vector of it: set an embedding generator for {property.Name}");
        var made = await generator.GenerateAsync(
            (string[])[text], Options(QueryPrompt(generator)), cancellationToken).ConfigureAwait(false);
        return new StoredVector(made[0].Vector.Span, property);
    }

    private string? QueryPrompt(IEmbeddingGenerator generator) =>
        options.QueryPromptName ?? SettingsOf(generator)?.QueryPromptName;

    private string? DocumentPrompt(IEmbeddingGenerator generator) =>
        options.DocumentPromptName ?? SettingsOf(generator)?.DocumentPromptName;

    /// <summary>What the model says of its prompts; null where the generator names one of its own, or knows none.</summary>
    private static SentenceEncoderSettings? SettingsOf(IEmbeddingGenerator generator) =>
        generator.GetService(typeof(TextEmbeddingGenerator)) is TextEmbeddingGenerator { PromptName: null } own
            ? own.Embedder.Settings
            : null;

    private static EmbeddingGenerationOptions? Options(string? promptName) => promptName is null
        ? null
        : new EmbeddingGenerationOptions { AdditionalProperties = new() { [EmbeddingProperties.PromptName] = promptName } };
}
