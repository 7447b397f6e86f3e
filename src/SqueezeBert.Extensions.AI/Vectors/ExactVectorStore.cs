using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.VectorData;
using SqueezeBert.Extensions.AI.Vectors;

namespace SqueezeBert.Extensions.AI;

/// <summary>
/// A vector store in memory with exact search. Every vector is compared with the query, and nothing is approximated. The same vectors give
/// the same scores and order on every machine. The search time grows with the number of records. Nothing is written to disk. Thread-safe.
/// </summary>
/// <param name="options">The options. Null is sufficient if all vectors are given.</param>
public sealed class ExactVectorStore(ExactVectorStoreOptions? options = null) : VectorStore
{
    internal const string SystemName = "squeezebert.exact";

    private readonly ConcurrentDictionary<string, StoredCollection> _collections = new(StringComparer.Ordinal);

    internal ExactVectorStoreOptions Options { get; } = options ?? new ExactVectorStoreOptions();

    /// <summary>Returns a collection, which need not exist yet.</summary>
    /// <typeparam name="TKey">The type of the key. It may be object.</typeparam>
    /// <typeparam name="TRecord">The type of the records: a class with a parameterless constructor.</typeparam>
    /// <param name="name">The name of the collection.</param>
    /// <param name="definition">The definition of the properties. Null uses the attributes of the record type.</param>
    /// <exception cref="NotSupportedException">
    /// A property uses a feature that an exact search in memory does not support. The message says why.
    /// </exception>
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

    /// <summary>Returns a collection of dictionaries, which need not exist yet.</summary>
    /// <param name="name">The name of the collection.</param>
    /// <param name="definition">The definition of the dictionary entries.</param>
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

    /// <summary>Returns the <see cref="VectorStoreMetadata"/> or this store.</summary>
    /// <param name="serviceType">The type of the service.</param>
    /// <param name="serviceKey">The key of the service, or null.</param>
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
