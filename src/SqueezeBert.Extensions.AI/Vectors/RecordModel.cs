using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;

namespace SqueezeBert.Extensions.AI.Vectors;

/// <summary>What records are made of: by the attributes of their type, a definition, or both, where the definition wins.</summary>
internal sealed class RecordModel
{
    private readonly Func<object> _create;

    private RecordModel(
        Func<object> create, RecordProperty key, IReadOnlyList<RecordProperty> data, IReadOnlyList<VectorProperty> vectors)
    {
        if (vectors.Select(vector => vector.Name).Append(key.Name).Concat(data.Select(one => one.Name)).Distinct().Count() !=
            vectors.Count + data.Count + 1)
        {
            throw new InvalidOperationException("a property comes twice");
        }

        (_create, Key, Data, Vectors) = (create, key, data, vectors);
    }

    public RecordProperty Key { get; }

    public IReadOnlyList<RecordProperty> Data { get; }

    public IReadOnlyList<VectorProperty> Vectors { get; }

    /// <summary>The model of a type's records.</summary>
    [RequiresUnreferencedCode("The properties of the record's type are read by reflection.")]
    public static RecordModel Of(Type type, VectorStoreCollectionDefinition? definition, IEmbeddingGenerator? generator)
    {
        if (type.GetConstructor(Type.EmptyTypes) is not { } constructor)
            throw new NotSupportedException($"{type} has no constructor without parameters, so no copy of a record can be made");
        var parts = new Parts(definition?.EmbeddingGenerator ?? generator);
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            var defined = definition?.Properties.FirstOrDefault(one => one.Name == property.Name);
            if (defined is not null) names.Add(defined.Name);
            parts.Add(property, defined);
        }

        var missing = definition?.Properties.FirstOrDefault(one => !names.Contains(one.Name));
        if (missing is not null) throw new InvalidOperationException($"{type} has no property {missing.Name}, which the definition names");
        return parts.Build(() => constructor.Invoke(null), type.Name);
    }

    /// <summary>The model of dictionaries.</summary>
    public static RecordModel Of(VectorStoreCollectionDefinition definition, IEmbeddingGenerator? generator)
    {
        var parts = new Parts(definition.EmbeddingGenerator ?? generator);
        foreach (var property in definition.Properties) parts.Add(property);
        return parts.Build(static () => new Dictionary<string, object?>(StringComparer.Ordinal), "the definition");
    }

    /// <summary>The one that a search is about.</summary>
    /// <param name="name">Null where there is only one.</param>
    public VectorProperty Vector(string? name)
    {
        var found = name is null ? (Vectors.Count == 1 ? Vectors[0] : null) : Vectors.FirstOrDefault(vector => vector.Name == name);
        return found ?? throw new InvalidOperationException(
            $"choose a vector property by the search's options; there are {string.Join(", ", Vectors.Select(vector => vector.Name))}");
    }

    /// <summary>The place of a vector among those of a record.</summary>
    public int NumberOf(VectorProperty property) => Vectors.Index().First(one => ReferenceEquals(one.Item, property)).Index;

    /// <summary>A copy of a record without its vectors.</summary>
    public object CopyWithoutVectors(object record)
    {
        var copy = _create();
        Key.Set(copy, Key.Get(record));
        foreach (var property in Data) property.Set(copy, property.Get(record));
        return copy;
    }

    private sealed class Parts(IEmbeddingGenerator? generator)
    {
        private readonly List<RecordProperty> _keys = [];
        private readonly List<RecordProperty> _data = [];
        private readonly List<VectorProperty> _vectors = [];

        public void Add(PropertyInfo property, VectorStoreProperty? defined)
        {
            var vector = property.GetCustomAttribute<VectorStoreVectorAttribute>();
            var isKey = property.GetCustomAttribute<VectorStoreKeyAttribute>() is not null;
            var isData = property.GetCustomAttribute<VectorStoreDataAttribute>() is not null;
            if (!isKey && !isData && vector is null && defined is null) return;

            // A text that is embedded may be computed from other properties: it is only read.
            var isText = (vector is not null || defined is VectorStoreVectorProperty) && property.PropertyType == typeof(string);
            if (property.GetMethod is null || (property.SetMethod is null && !isText))
                throw new NotSupportedException($"{property.DeclaringType}.{property.Name} can not be read and written");
            var part = new RecordProperty(property.Name, property.PropertyType, property.GetValue, property.SetValue);
            if (defined is VectorStoreVectorProperty || (defined is null && vector is not null))
                AddVector(part, defined as VectorStoreVectorProperty, vector);
            else if (defined is VectorStoreKeyProperty || (defined is null && isKey)) _keys.Add(part);
            else _data.Add(part);
        }

        public void Add(VectorStoreProperty defined)
        {
            var name = defined.Name;
            var part = new RecordProperty(
                name, defined.Type ?? throw new InvalidOperationException($"the definition does not say the type of {name}"),
                record => ((Dictionary<string, object?>)record).GetValueOrDefault(name),
                (record, value) => ((Dictionary<string, object?>)record)[name] = value);
            if (defined is VectorStoreVectorProperty vector) AddVector(part, vector, null);
            else (defined is VectorStoreKeyProperty ? _keys : _data).Add(part);
        }

        public RecordModel Build(Func<object> create, string name) => _keys is [var key]
            ? new RecordModel(create, key, _data, _vectors)
            : throw new InvalidOperationException($"{name} has {_keys.Count} keys; it must have one");

        private void AddVector(RecordProperty part, VectorStoreVectorProperty? defined, VectorStoreVectorAttribute? attribute) =>
            _vectors.Add(new VectorProperty(
                part, defined?.Dimensions ?? attribute!.Dimensions, defined?.IndexKind ?? attribute?.IndexKind,
                defined?.DistanceFunction ?? attribute?.DistanceFunction, defined?.EmbeddingGenerator ?? generator));
    }
}
