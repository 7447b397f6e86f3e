using SqueezeBert.Generate;

const string Usage = """
    usage: dotnet run --project tools/Generate -- <kind> [--check] [<folder>]

      <kind>     unicode, tiles, machine-code or all
      --check    write nothing; exit with 1 and name the files that differ from what would be written
      <folder>   the root of the repository; found from the current folder where it is not given
    """;

var isCheck = args.Contains("--check");
string[] words = [.. args.Where(argument => argument != "--check")];
if (words.Length is 0 or > 2 || !GeneratedCode.Kinds.Contains(words[0]) || words[^1].StartsWith('-'))
{
    Console.Error.WriteLine(Usage);
    return 2;
}

try
{
    var root = words.Length == 2 ? words[1] : GeneratedCode.FindRoot(Environment.CurrentDirectory);
    var files = GeneratedCode.Generate(root, words[0]);
    var differences = 0;
    foreach (var file in files.Where(file => !file.IsIn(root)))
    {
        differences++;
        if (isCheck)
            Console.Error.WriteLine($"{file.Path} is not what dotnet run --project tools/Generate -- {file.Kind} writes");
        else
            file.WriteTo(root);
    }

    Console.WriteLine(isCheck
        ? $"{files.Count} files compared, {differences} differ"
        : $"{files.Count} files generated, {differences} changed");
    return isCheck && differences > 0 ? 1 : 0;
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
