using System.Text.Json;

namespace SqueezeBert.Training.Running;

/// <summary>
/// The file metrics.jsonl: one JSON object per line, flushed line by line. A resumed run appends. The first line creates the file, so a run
/// that fails before it leaves no file.
/// </summary>
internal sealed class MetricsFile(string path, bool append) : IDisposable
{
    private readonly MemoryStream _line = new();
    private FileStream? _file;

    public void Write(string kind, string stage, StageState state, double seconds, Action<Utf8JsonWriter> fields)
    {
        _line.SetLength(0);
        using (var json = new Utf8JsonWriter(_line))
        {
            json.WriteStartObject();
            json.WriteString("event", kind);
            json.WriteString("stage", stage);
            json.WriteNumber("step", state.Step);
            json.WriteNumber("epoch", state.Epoch);
            json.WriteNumber("tokens", state.Tokens);
            json.WriteNumber("seconds", Math.Round(seconds, 3));
            fields(json);
            json.WriteEndObject();
        }

        _line.WriteByte((byte)'\n');
        _file ??= new FileStream(path, append ? FileMode.Append : FileMode.Create, FileAccess.Write, FileShare.ReadWrite);
        _file.Write(_line.GetBuffer(), 0, (int)_line.Length);
        _file.Flush();
    }

    /// <summary>JSON has no NaN and no infinities: those are left out.</summary>
    public static void Number(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value)) json.WriteNumber(name, value);
        else json.WriteNull(name);
    }

    public void Dispose()
    {
        _file?.Dispose();
        _line.Dispose();
    }
}
