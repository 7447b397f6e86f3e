using System.Text.Json.Nodes;
using SqueezeBert.ModelFolders.Tensors;

namespace SqueezeBert.Cli.Inspection;

/// <summary>Inspections as one JSON object.</summary>
internal static class InspectionJson
{
    public static JsonObject Make(ModelInspection? model, WeightsInspection? weights, bool tensors)
    {
        var json = new JsonObject();
        if (model is not null)
        {
            json["configuration"] = model.Configuration.DeepClone();
            json["parameters"] = model.Parameters;
            json["parts"] =
                new JsonArray([.. model.Parts.Select(part => new JsonObject { ["name"] = part.Name, ["parameters"] = part.Parameters })]);
            json["length"] = model.Length;
            json["flops"] = model.Flops;
            json["operations"] = new JsonArray([.. model.Operations.Select(operation => new JsonObject
            {
                ["operation"] = operation.Operation,
                ["times"] = operation.Count,
                ["parameters"] = operation.Parameters,
                ["flops"] = operation.Flops,
            })]);
        }

        if (weights is not null) json["weights"] = Make(weights, tensors);
        return json;
    }

    private static JsonObject Make(WeightsInspection weights, bool tensors)
    {
        var json = new JsonObject
        {
            ["file"] = weights.Path,
            ["tensor_count"] = weights.Tensors.Count,
            ["elements"] = weights.Elements,
            ["bytes"] = weights.Bytes,
            ["types"] = Texts(weights.Types.Select(type => type.Name)),
            ["type_bytes"] = new JsonObject(weights.Types.Select(type => KeyValuePair.Create(type.Name, (JsonNode?)type.Bytes))),
            ["metadata"] = new JsonObject(weights.Metadata.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value))),
            ["missing"] = Texts(weights.Missing),
            ["unused"] = Texts(weights.Unused),
        };
        if (!tensors) return json;
        json["tensors"] = new JsonArray([.. weights.Tensors.Select(tensor => new JsonObject
        {
            ["name"] = tensor.Name,
            ["type"] = TensorTypes.SafetensorsName(tensor.Type),
            ["shape"] = new JsonArray([.. tensor.Shape.Select(size => JsonValue.Create(size))]),
            ["bytes"] = tensor.ByteCount,
        })]);
        return json;
    }

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => JsonValue.Create(text))]);
}
