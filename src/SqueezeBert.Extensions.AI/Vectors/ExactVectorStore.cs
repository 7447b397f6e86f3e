using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.VectorData;
using SqueezeBert.Extensions.AI.Vectors;

namespace SqueezeBert.Extensions.AI;

/// <summary>
/// A vector store in memory with exact search: every vector is compared, nothing is approximate, and the same vectors give the same scores
/// and order everywhere. The time of a search grows with the number of records. Nothing is written to disk. Thread-safe.
/// </summary>
/// <param name="options">Null where all vectors are given.</param>
public sealed class ExactVectorStore(ExactVectorStoreOptions? options = null) : VectorStore
{
    internal const string SystemName = "squeezebert.exact";

    private readonly ConcurrentDictionary<string, StoredCollection> _collections = new(StringComparer.Ordinal);

    internal ExactVectorStoreOptions Options { get; } = options ?? new ExactVectorStoreOptions();

    /// <summary>A collection, which need not exist yet.</summary>
    /// <typeparam name="TKey">The key's type; object too.</typeparam>
    /// <typeparam name="TRecord">A class with a constructor without parameters.</typeparam>
    /// <param name="name">Its name.</param>
    /// <param name="definition">What the properties are, where attributes do not say.</param>
    /// <exception cref="NotSupportedException">A property is of a kind that is not for exact search in memory; the message says
    /// why.</exception>
    [RequiresDynamicCode("The properties of the record's type are read by reflection; GetDynamicCollection needs none.")]
    [RequiresUnreferencedCode("The properties of the record's type are read by reflection; GetDynamicCollection needs none.")]
    public override VectorStoreCollection<TKey, TRecord> GetCollection<TKey, TRecord>(
        string name, VectorStoreCollectionDefinition? definition = null)
    {
        if (typeof(TRecord) == typeof(Dictionary<string, object?>))
        {
            ArgumentNullException.ThrowIfNull(definition);
            return new ExactVectorStoreCollection<TKey, TRecord>(this, name, RecordModel.Of(definition, Options.EmbeddingGenerator));
        }

        return new ExactVectorStoreCollection<TKey, TRecord>(
            this, name, RecordModel.Of(typeof(TRecord), definition, Options.EmbeddingGenerator));
    }

    /// <summary>A collection of dictionaries.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="definition">What their entries are.</param>
    public override VectorStoreCollection<object, Dictionary<string, object?>> GetDynamicCollection(
        string name, VectorStoreCollectionDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        return new ExactVectorStoreCollection<object, Dictionary<string, object?>>(
            this, name, RecordModel.Of(definition, Options.EmbeddingGenerator));
    }

    /// <inheritdoc/>
    public override async IAsyncEnumerable<string> ListCollectionNamesAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        foreach (var name in _collections.Keys.Order(StringComparer.Ordinal))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return name;
        }
    }

    /// <inheritdoc/>
    public override Task<bool> CollectionExistsAsync(string name, CancellationToken cancellationToken = default) =>
        Task.FromResult(_collections.ContainsKey(name));

    /// <inheritdoc/>
    public override Task EnsureCollectionDeletedAsync(string name, CancellationToken cancellationToken = default)
    {
        _collections.TryRemove(name, out _);
        return Task.CompletedTask;
    }

    /// <summary>Gives <see cref="VectorStoreMetadata"/>, or this.</summary>
    public override object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is not null) return null;
        if (serviceType == typeof(VectorStoreMetadata)) return new VectorStoreMetadata { VectorStoreSystemName = SystemName };
        return serviceType.IsInstanceOfType(this) ? this : null;
    }

    internal void Ensure(string name, (Type Key, Type Record) types) =>
        Check(name, _collections.GetOrAdd(name, _ => new StoredCollection(types)), types);

    /// <exception cref="VectorStoreException">There is none of that name.</exception>
    internal StoredCollection Find(string name, (Type Key, Type Record) types, string operation)
    {
        if (_collections.TryGetValue(name, out var found)) return Check(name, found, types);
        throw new VectorStoreException($"there is no collection '{name}': call EnsureCollectionExistsAsync first")
        {
            VectorStoreSystemName = SystemName,
            CollectionName = name,
            OperationName = operation,
        };
    }

    private static StoredCollection Check(string name, StoredCollection collection, (Type Key, Type Record) types) =>
        collection.Types == types
            ? collection
            : throw new InvalidOperationException(
                $"the collection '{name}' holds {collection.Types.Record} by {collection.Types.Key}, not {types.Record} by {types.Key}");
}
