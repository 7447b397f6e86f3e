using System.Runtime.InteropServices;
using SqueezeBert.Inference;

namespace SqueezeBert.Extensions.Models;

/// <summary>
/// Runs the same text through a model repeatedly. It must always give the bits of its first result. The hidden states are computed through
/// the queue, like users' asynchronous calls. The head on the encoder is computed in addition. Thread-safe.
/// </summary>
internal sealed class ModelProbe(InferenceModel model) : IDisposable, IAsyncDisposable
{
    /// <summary>The text, a pangram, which consists of most kinds of tokens in any vocabulary.</summary>
    private const string Text = "The quick brown fox jumps over the lazy dog.";

    private readonly FeatureExtractor _extractor = new(model);
    private byte[]? _expected;

    /// <summary>The first result. A test changes it to check that a difference is noticed.</summary>
    internal byte[] Expected => _expected ?? [];

    /// <summary>Stores the first result.</summary>
    public void Learn(CancellationToken cancellationToken) =>
        _expected = [.. Bytes(_extractor.Extract(Text, null, cancellationToken)), .. Head(cancellationToken)];

    /// <summary>Returns whether the result still equals the first one, bit by bit.</summary>
    /// <exception cref="QueueFullException">The queue of the model is full.</exception>
    public async Task<bool> IsAsBeforeAsync(CancellationToken cancellationToken)
    {
        var features = await _extractor.ExtractAsync(Text, null, cancellationToken).ConfigureAwait(false);
        var head = await Task.Run(() => Head(cancellationToken), cancellationToken).ConfigureAwait(false);
        return Bytes(features).AsSpan().SequenceEqual(Expected.AsSpan(0, Expected.Length - head.Length)) &&
            head.AsSpan().SequenceEqual(Expected.AsSpan(Expected.Length - head.Length));
    }

    public void Dispose() => _extractor.Dispose();

    public ValueTask DisposeAsync() => _extractor.DisposeAsync();

    private static byte[] Bytes(TextFeatures features) => MemoryMarshal.AsBytes(features.Values.Span).ToArray();

    private byte[] Head(CancellationToken cancellationToken)
    {
        string[] outputs = [.. model.OutputNames.Where(name => name.EndsWith("logits", StringComparison.Ordinal))];
        if (outputs.Length == 0) return [];
        using var session = model.CreateSession(outputs);
        var batch = new PackedBatch();
        var encoding = model.Tokenizer.Encode(Text, cancellationToken: cancellationToken);
        var length = Math.Min(encoding.Ids.Length, model.Configuration.MaxPositionEmbeddings);
        batch.Add(encoding.Ids[..length], encoding.TypeIds[..length]);

        // A language model gives the rows that are asked for, and no others.
        for (var row = 0; row < length; row++) batch.Select(row);
        session.Run(batch, cancellationToken);
        return [.. outputs.SelectMany(output => MemoryMarshal.AsBytes(session.GetOutput(output)).ToArray())];
    }
}
