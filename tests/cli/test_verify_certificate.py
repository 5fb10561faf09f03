"""`mathdl verify-certificate`: what it prints and how it ends."""

import json

import numpy as np
import pytest

from mathdl import cli
from mathdl.exact_erm.certificate import certify
from mathdl.exact_erm.problem import ERMProblem

X, Y = np.array([[0.1, 1], [0.2, -1], [0.3, 0.5], [1e-3, 2]]), np.array([1, 0.1, -1, 0.7])


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "optimum.json"
    certify(ERMProblem(X, Y, 1)).save(path)
    return path


def csv(path, x=X, y=Y, header=""):
    rows = [",".join(repr(float(v)) for v in row) for row in np.column_stack([x, y])]
    path.write_text("\n".join([header, *rows][not header:]) + "\n")
    return str(path)


def test_a_good_certificate_ends_with_0_and_says_what_is_proved(file, capsys):
    assert cli.main(["verify-certificate", str(file)]) == 0
    out = capsys.readouterr().out
    assert out.startswith("Accepted. For the 4 samples with fingerprint ")
    assert "the least sum of losses of any net with one hidden layer of 1 ReLU gate without output bias is" in out


def test_a_spoilt_certificate_ends_with_1_and_the_reason(file, capsys):
    document = json.loads(file.read_text())
    file.write_text(json.dumps(document | {"value": "1/7"}))
    assert cli.main(["verify-certificate", str(file)]) == 1
    assert "not the claimed 1/7" in capsys.readouterr().out
    file.write_text(json.dumps(document)[:-9])
    assert cli.main(["verify-certificate", str(file)]) == 1
    assert "Refused: no complete JSON" in capsys.readouterr().out
    file.write_bytes(b"\xff\xfe")
    assert cli.main(["verify-certificate", str(file)]) == 1
    assert "Refused: it is not a text file" in capsys.readouterr().out


def test_a_file_that_is_not_there_ends_with_2(tmp_path, capsys):
    assert cli.main(["verify-certificate", str(tmp_path / "no.json")]) == 2
    assert cli.main(["verify-certificate", str(tmp_path)]) == 2
    err = capsys.readouterr().err
    assert "mathdl verify-certificate: " in err
    assert "No such file" in err


def test_a_missing_argument_ends_with_2(capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(["verify-certificate"])
    assert stop.value.code == 2
    assert "FILE" in capsys.readouterr().err


@pytest.mark.parametrize("header", ["", "height,weight,label"])
def test_the_data_can_be_compared(file, tmp_path, capsys, header):
    assert cli.main(["verify-certificate", str(file), "--data", csv(tmp_path / "d.csv", header=header)]) == 0
    assert "Accepted" in capsys.readouterr().out


@pytest.mark.parametrize(("x", "y", "reason"), [
    (X, Y + 1e-15 * np.eye(4)[2], "sample 2"), (X[:3], Y[:3], "3 samples there, 4 in the certificate"),
    (X[:, :1], Y, "sample 0")])
def test_other_data_are_refused(file, tmp_path, capsys, x, y, reason):
    assert cli.main(["verify-certificate", str(file), "--data", csv(tmp_path / "d.csv", x, y)]) == 1
    out = capsys.readouterr().out
    assert "Refused: it is about other data than" in out
    assert reason in out


def test_data_that_cannot_be_read_end_with_2(file, tmp_path, capsys):
    data = tmp_path / "d.csv"
    data.write_text("a,b,y\n1,2,3\n1,x,3\n1,2,3\n1,2,3\n0,0,0\n")
    assert cli.main(["verify-certificate", str(file), "--data", str(data)]) == 1  # five rows, not four
    csv(data)
    data.write_text(data.read_text().replace("0.2", "zero"))
    assert cli.main(["verify-certificate", str(file), "--data", str(data)]) == 2
    assert "expected numbers in sample 1; got 'zero, -1.0, 0.1'" in capsys.readouterr().err
    data.write_bytes(b"\xff")
    assert cli.main(["verify-certificate", str(file), "--data", str(data)]) == 2


def test_help_names_the_command(capsys):
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    assert "mathdl verify-certificate optimum.json" in capsys.readouterr().out
