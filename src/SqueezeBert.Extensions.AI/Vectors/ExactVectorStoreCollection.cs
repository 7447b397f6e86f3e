using System.Diagnostics.CodeAnalysis;
using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.VectorData;
using SqueezeBert.Extensions.AI.Vectors;

namespace SqueezeBert.Extensions.AI;

/// <summary>
/// A collection of an <see cref="ExactVectorStore"/>. It stores copies: changing a record after its upsert, or a record that was returned,
/// does not change the collection. Objects inside a record are shared. A text that is embedded is not stored unless a data property
/// contains it. Filters are compiled and run on the data of each record, so any expression works, but the vectors are not available in
/// them. Records with equal scores are in the order in which their keys were added. Thread-safe: each search sees a consistent state of the
/// collection.
/// </summary>
/// <typeparam name="TKey">The type of the key. An empty Guid is replaced by a new one during the upsert.</typeparam>
/// <typeparam name="TRecord">The type of the records.</typeparam>
public sealed class ExactVectorStoreCollection<TKey, TRecord> : VectorStoreCollection<TKey, TRecord>
    where TKey : notnull
    where TRecord : class
{
    private static readonly (Type Key, Type Record) Types = (typeof(TKey), typeof(TRecord));

    private readonly ExactVectorStore _store;
    private readonly RecordModel _model;
    private readonly RecordEmbedding _embedding;

    /// <summary>Creates a collection in a store of its own.</summary>
    /// <param name="name">The name of the collection.</param>
    /// <param name="definition">The definition of the properties. Null uses the attributes of the record type.</param>
    /// <param name="options">The options. Null is sufficient if all vectors are given.</param>
    /// <exception cref="NotSupportedException">
    /// A property uses a feature that an exact search in memory does not support. The message says why.
    /// </exception>
    [RequiresUnreferencedCode("The properties of the record's type are read by reflection.")]
    public ExactVectorStoreCollection(
        string name, VectorStoreCollectionDefinition? definition = null, ExactVectorStoreOptions? options = null)
        : this(new ExactVectorStore(options), name, RecordModel.Of(typeof(TRecord), definition, options?.EmbeddingGenerator))
    {
    }

    internal ExactVectorStoreCollection(ExactVectorStore store, string name, RecordModel model)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (typeof(TKey) != typeof(object) && typeof(TKey) != model.Key.Type)
            throw new InvalidOperationException($"{model.Key.Name} is of type {model.Key.Type}, the collection's key of {typeof(TKey)}");
        (_store, Name, _model) = (store, name, model);
        _embedding = new RecordEmbedding(model, store.Options);
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override Task<bool> CollectionExistsAsync(CancellationToken cancellationToken = default) =>
        _store.CollectionExistsAsync(Name, cancellationToken);

    /// <inheritdoc/>
    public override Task EnsureCollectionExistsAsync(CancellationToken cancellationToken = default)
    {
        _store.Ensure(Name, Types);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task EnsureCollectionDeletedAsync(CancellationToken cancellationToken = default) =>
        _store.EnsureCollectionDeletedAsync(Name, cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">
    /// Vectors are requested that were made of texts, which the record type cannot hold.
    /// </exception>
    public override Task<TRecord?> GetAsync(
        TKey key, RecordRetrievalOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        var withVectors = WithVectors(options?.IncludeVectors ?? false);
        return Task.FromResult(Records("Get").Find(key) is { } found ? Copy(found, withVectors) : null);
    }

    /// <inheritdoc/>
    public override async IAsyncEnumerable<TRecord> GetAsync(
        Expression<Func<TRecord, bool>> filter, int top, FilteredRecordRetrievalOptions<TRecord>? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        options ??= new FilteredRecordRetrievalOptions<TRecord>();
        ArgumentOutOfRangeException.ThrowIfNegative(options.Skip, nameof(options));
        await Task.CompletedTask.ConfigureAwait(false);
        var withVectors = WithVectors(options.IncludeVectors);
        var matches = filter.Compile();
        var found = Records("GetByFilter").All().Where(record => matches((TRecord)record.Record));
        foreach (var record in Ordered(found, options).Skip(options.Skip).Take(top))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return Copy(record, withVectors);
        }
    }

    /// <inheritdoc/>
    public override Task DeleteAsync(TKey key, CancellationToken cancellationToken = default) => DeleteAsync([key], cancellationToken);

    /// <inheritdoc/>
    public override Task DeleteAsync(IEnumerable<TKey> keys, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        Records("Delete").Remove([.. keys.Cast<object>()]);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task UpsertAsync(TRecord record, CancellationToken cancellationToken = default) =>
        UpsertAsync([record], cancellationToken);

    /// <summary>
    /// Adds records, or replaces the records with the same keys. Either all records are stored in one step, or none if there is an error.
    /// The texts of all records are embedded together.
    /// </summary>
    /// <param name="records">The records.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked while texts are embedded.</param>
    /// <exception cref="ArgumentException">
    /// A record or its key is null, or a vector has another number of components than its property or a component that is not finite.
    /// </exception>
    /// <exception cref="VectorStoreException">The collection does not exist.</exception>
    public override async Task UpsertAsync(IEnumerable<TRecord> records, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(records);
        var stored = Records("Upsert");
        List<TRecord> all = [.. records];
        for (var i = 0; i < all.Count; i++)
        {
            if (all[i] is null) throw new ArgumentException($"records[{i}] is null", nameof(records));
        }

        var vectors = await _embedding.OfRecordsAsync(all, cancellationToken).ConfigureAwait(false);
        stored.Put([.. all.Select((record, i) => (KeyOf(record, i), _model.CopyWithoutVectors(record), vectors[i]))]);
    }

    /// <summary>Finds the records whose vectors are nearest to a search value, best first.</summary>
    /// <typeparam name="TInput">ReadOnlyMemory&lt;float&gt;, float[], Embedding&lt;float&gt;, or string, which is embedded.</typeparam>
    /// <param name="searchValue">The vector or text to search for.</param>
    /// <param name="top">The largest number of results.</param>
    /// <param name="options">
    /// The filter, the vector property, the threshold (the worst score that is returned) and the number of results to skip.
    /// </param>
    /// <param name="cancellationToken">Cancels the search. It is checked after every thousand records.</param>
    /// <exception cref="NotSupportedException">
    /// The search value has another type, or vectors are requested that were made of texts.
    /// </exception>
    /// <exception cref="VectorStoreException">The collection does not exist.</exception>
    public override async IAsyncEnumerable<VectorSearchResult<TRecord>> SearchAsync<TInput>(
        TInput searchValue, int top, VectorSearchOptions<TRecord>? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(searchValue);
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        options ??= new VectorSearchOptions<TRecord>();
        ArgumentOutOfRangeException.ThrowIfNegative(options.Skip, nameof(options));
        var withVectors = WithVectors(options.IncludeVectors);
        var property = _model.Vector(PropertyName.Of(options.VectorProperty));
        var records = Records("Search");
        var query = await _embedding.OfQueryAsync(searchValue, property, cancellationToken).ConfigureAwait(false);
        var best = Best(records.All(), query, property, (int)Math.Min((long)top + options.Skip, int.MaxValue), options, cancellationToken);
        foreach (var (record, score) in best.InOrder().Skip(options.Skip))
            yield return new VectorSearchResult<TRecord>(Copy(record, withVectors), score);
    }

    /// <summary>Returns the <see cref="VectorStoreCollectionMetadata"/> or this collection.</summary>
    /// <param name="serviceType">The type of the service.</param>
    /// <param name="serviceKey">The key of the service, or null.</param>
    public override object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is not null) return null;
        if (serviceType == typeof(VectorStoreCollectionMetadata))
            return new VectorStoreCollectionMetadata { VectorStoreSystemName = ExactVectorStore.SystemName, CollectionName = Name };
        return serviceType.IsInstanceOfType(this) ? this : null;
    }

    private TopRecords Best(
        StoredRecord[] records, StoredVector query, VectorProperty property, int count, VectorSearchOptions<TRecord> options,
        CancellationToken cancellationToken)
    {
        var measure = property.Measure;
        var number = _model.NumberOf(property);
        var matches = options.Filter?.Compile();
        var best = new TopRecords(count, measure.IsSimilarity);
        for (var i = 0; i < records.Length; i++)
        {
            if (i % 1000 == 0) cancellationToken.ThrowIfCancellationRequested();
            var record = records[i];
            if (record.Vectors[number] is not { } vector || matches?.Invoke((TRecord)record.Record) == false) continue;
            var score = measure.Compare(query, vector);
            if (options.ScoreThreshold is { } threshold && (measure.IsSimilarity ? score < threshold : score > threshold)) continue;
            best.Add(record, score);
        }

        return best;
    }

    private static IEnumerable<StoredRecord> Ordered(IEnumerable<StoredRecord> records, FilteredRecordRetrievalOptions<TRecord> options)
    {
        if (options.OrderBy is not { } orderBy) return records;
        IOrderedEnumerable<StoredRecord>? ordered = null;
        foreach (var one in orderBy(new FilteredRecordRetrievalOptions<TRecord>.OrderByDefinition()).Values)
        {
            var select = one.PropertySelector.Compile();
            Func<StoredRecord, object?> value = record => select((TRecord)record.Record);
            ordered = (ordered, one.Ascending) switch
            {
                (null, true) => records.OrderBy(value),
                (null, false) => records.OrderByDescending(value),
                (_, true) => ordered.ThenBy(value),
                (_, false) => ordered.ThenByDescending(value),
            };
        }

        return ordered ?? records;
    }

    private StoredCollection Records(string operation) => _store.Find(Name, Types, operation);

    private object KeyOf(TRecord record, int index)
    {
        var key = _model.Key.Get(record);
        if (key is Guid guid && guid == Guid.Empty)
        {
            key = Guid.NewGuid();
            _model.Key.Set(record, key);
        }

        return key ?? throw new ArgumentException($"the key of records[{index}], {_model.Key.Name}, is null", nameof(record));
    }

    private bool WithVectors(bool asked)
    {
        if (!asked) return false;
        if (_model.Vectors.FirstOrDefault(vector => vector.IsText) is not { } text) return true;
        throw new NotSupportedException(
            $"{text.Name} is a text whose vector is kept beside the record, which has no place for it: IncludeVectors cannot be true");
    }

    private TRecord Copy(StoredRecord record, bool withVectors)
    {
        var copy = _model.CopyWithoutVectors(record.Record);
        if (!withVectors) return (TRecord)copy;
        foreach (var (i, property) in _model.Vectors.Index())
        {
            if (record.Vectors[i] is { } vector) property.Set(copy, property.ValueOf(vector));
        }

        return (TRecord)copy;
    }
}
