namespace SqueezeBert.Extensions.AI.Vectors;

/// <summary>A property of records, of a type's or of a dictionary's entries.</summary>
/// <param name="Name">As in the record.</param>
/// <param name="Type">What it holds.</param>
/// <param name="Get">Reads it.</param>
/// <param name="Set">Writes it.</param>
internal record RecordProperty(string Name, Type Type, Func<object, object?> Get, Action<object, object?> Set);
