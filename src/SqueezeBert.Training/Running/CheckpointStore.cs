using System.Globalization;
using System.Text.Json;
using SqueezeBert.Checkpoints;
using SqueezeBert.Files;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Training.Recipes;

namespace SqueezeBert.Training.Running;

/// <summary>A checkpoint that was read.</summary>
/// <param name="Path">Its folder.</param>
/// <param name="State">Where the stage stood.</param>
/// <param name="Tensors">Every tensor of the stage's model by "group/parameter".</param>
/// <param name="Others">The tensors that go along without being part of that model.</param>
internal sealed record Checkpoint(
    string Path, StageState State, IReadOnlyDictionary<string, float[]> Tensors, IReadOnlyList<NamedTensor> Others);

/// <summary>
/// The checkpoints of a run, each of which is a folder with state.json and tensors.safetensors. A checkpoint is written under a temporary
/// name and renamed when it is complete, so a run that is interrupted at any moment leaves only complete ones.
/// </summary>
internal sealed class CheckpointStore(OutputFolder output)
{
    private const string StateFile = "state.json";
    private const string TensorFile = "tensors.safetensors";
    private const string TemporaryPrefix = ".writing-";
    private const string OtherGroup = "other/";

    private string Folder => output.CheckpointFolder;

    /// <summary>Writes a checkpoint and deletes all but the newest <paramref name="keep"/>; returns its path.</summary>
    public string Save(StageState state, IEnumerable<NamedTensor> tensors, int keep)
    {
        FileProblem.MakeFolder(Folder);
        foreach (var left in Directory.EnumerateDirectories(Folder, TemporaryPrefix + "*")) Directory.Delete(left, recursive: true);
        var existing = output.Checkpoints;
        var number = existing.Count == 0 ? 1 : int.Parse(System.IO.Path.GetFileName(existing[^1]), CultureInfo.InvariantCulture) + 1;
        var temporary = System.IO.Path.Combine(Folder, $"{TemporaryPrefix}{number}");
        FileProblem.MakeFolder(temporary);
        var writer = new SafetensorsWriter();
        foreach (var tensor in tensors) writer.Add(tensor.Name, tensor.Shape, tensor.Data);
        writer.Save(System.IO.Path.Combine(temporary, TensorFile));
        AtomicFile.Write(System.IO.Path.Combine(temporary, StateFile), state.Write);
        var path = System.IO.Path.Combine(Folder, number.ToString("D6", CultureInfo.InvariantCulture));
        Directory.Move(temporary, path);
        foreach (var old in output.Checkpoints.SkipLast(keep)) Directory.Delete(old, recursive: true);
        return path;
    }

    /// <summary>The newest checkpoint, or null.</summary>
    /// <exception cref="InvalidModelFileException">It is damaged.</exception>
    public Checkpoint? LoadLatest()
    {
        if (output.Checkpoints is not [.., var path]) return null;
        var stateFile = System.IO.Path.Combine(path, StateFile);
        StageState state;
        try
        {
            state = StageState.Read(File.ReadAllBytes(stateFile));
        }
        catch (Exception e) when (e is IOException or JsonException or KeyNotFoundException or InvalidOperationException or FormatException
            or InvalidDataException)
        {
            throw new InvalidModelFileException(stateFile, null,
                $"is damaged ({e.Message}); delete the folder to go on from the checkpoint before it", e);
        }

        using var file = SafetensorsFile.Open(System.IO.Path.Combine(path, TensorFile));
        var tensors = new Dictionary<string, float[]>(StringComparer.Ordinal);
        var others = new List<NamedTensor>();
        foreach (var name in file.Names)
        {
            _ = file.TryGetTensor(name, out var info);
            var values = new float[info!.ElementCount];
            file.ReadFloats(name, values);
            if (name.StartsWith(OtherGroup, StringComparison.Ordinal))
                others.Add(new NamedTensor(name[OtherGroup.Length..], info.Shape, values));
            else tensors.Add(name, values);
        }

        return new Checkpoint(path, state, tensors, others);
    }

    /// <summary>Deletes all checkpoints, when a run has come to its end.</summary>
    public void Clear()
    {
        if (Directory.Exists(Folder)) Directory.Delete(Folder, recursive: true);
    }

    /// <summary>A tensor that goes along, under its name in a checkpoint.</summary>
    public static NamedTensor Other(NamedTensor tensor) => tensor with { Name = OtherGroup + tensor.Name };

    /// <summary>A tensor of a checkpoint's group.</summary>
    public static NamedTensor Tensor(string group, Parameter parameter, ReadOnlySpan<float> values) =>
        new($"{group}/{parameter.Name}", parameter.Shape, values.ToArray());
}
