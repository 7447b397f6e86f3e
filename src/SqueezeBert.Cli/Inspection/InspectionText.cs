using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using SqueezeBert.Cli.Terminal;
using SqueezeBert.ModelFolders.Tensors;

namespace SqueezeBert.Cli.Inspection;

/// <summary>Inspections as tables for people.</summary>
internal static class InspectionText
{
    private static readonly JsonSerializerOptions Compact =
        new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(TextWriter output, ModelInspection? model, WeightsInspection? weights, bool tensors)
    {
        if (model is not null) Write(output, model);
        if (model is not null && weights is not null) output.WriteLine();
        if (weights is not null) Write(output, weights, tensors);
    }

    private static void Write(TextWriter output, ModelInspection model)
    {
        output.WriteLine("configuration");
        var fields = new TextTable("", "", "");
        foreach (var (name, value) in model.Configuration) fields.Add("", name,
            value is JsonValue single && single.TryGetValue<string>(out var text) ? text : value?.ToJsonString(Compact) ?? "null");
        fields.Write(output, header: false);
        output.WriteLine();
        var parts = new TextTable("parameters", "count>", "share>");
        foreach (var part in model.Parts) parts.Add(part.Name, Count(part.Parameters), Share(part.Parameters, model.Parameters));
        parts.Add("total", Count(model.Parameters), "");
        parts.Write(output);
        output.WriteLine();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"one text of {model.Length} tokens"));
        var operations = new TextTable("operation", "times>", "parameters>", "FLOPs>", "share>");
        foreach (var operation in model.Operations)
            operations.Add(operation.Operation, Count(operation.Count), Count(operation.Parameters), Count(operation.Flops),
                Share(operation.Flops, model.Flops));
        operations.Add("total", "", Count(model.Parameters), Count(model.Flops), "");
        operations.Write(output);
    }

    private static void Write(TextWriter output, WeightsInspection weights, bool tensors)
    {
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{weights.Path}: {weights.Tensors.Count} tensors, {weights.Elements:N0} elements, {weights.Bytes / 1e6:F1} MB, " +
                $"{Types(weights)}"));
        foreach (var (name, value) in weights.Metadata) output.WriteLine($"metadata {name}: {value}");
        foreach (var name in weights.Missing) output.WriteLine($"missing: {name}");
        foreach (var name in weights.Unused) output.WriteLine($"unused: {name}");
        if (!tensors || weights.Tensors.Count == 0) return;
        output.WriteLine();
        var table = new TextTable("tensor", "type", "shape", "bytes>");
        foreach (var tensor in weights.Tensors) table.Add(
            tensor.Name, TensorTypes.SafetensorsName(tensor.Type), $"[{string.Join(", ", tensor.Shape)}]", Count(tensor.ByteCount));
        table.Write(output);
    }

    /// <summary>The types of the numbers; where there are several, with what each takes.</summary>
    private static string Types(WeightsInspection weights)
    {
        var types = weights.Types.ToList();
        return string.Join(", ", types.Select(type =>
            types.Count == 1 ? type.Name : string.Create(CultureInfo.InvariantCulture, $"{type.Name} {type.Bytes / 1e6:F1} MB")));
    }

    private static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static string Share(long part, long whole) =>
        whole == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{100.0 * part / whole:F1} %");
}
