using System.Text.Json.Serialization;

namespace SqueezeBert.Assistant.Dialogue;

/// <summary>How states are written: snake case, names of enumerations, no nulls.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, MaxDepth = 8)]
[JsonSerializable(typeof(DialogueState))]
internal sealed partial class DialogueJson : JsonSerializerContext;
